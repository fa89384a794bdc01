using System.Runtime.CompilerServices;

namespace HybridConv.Cpu.Simd;

/// <summary>One float: runs everywhere, and computes what references and tails must compute.</summary>
internal readonly unsafe struct Scalar : ISimd<float>
{
    public static int Count { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 1; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LoadPartial(float* p, int n) => n == 0 ? 0 : *p;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePartial(float v, float* p, int n)
    {
        if (n != 0)
            *p = v;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float Create(float x) => x;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float CreateBits(int bits) => BitConverter.Int32BitsToSingle(bits);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float Load(float* p) => *p;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float Broadcast(float* p) => *p;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Store(float v, float* p) => *p = v;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float Add(float a, float b) => a + b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float Sub(float a, float b) => a - b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float Mul(float a, float b) => a * b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float Div(float a, float b) => a / b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float Sqrt(float a) => MathF.Sqrt(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float ScaleByPowerOfTwo(float a, float n) => SimdMath.ScaleByFactors<Scalar, float>(a, n);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float Fma(float a, float b, float addend) => MathF.FusedMultiplyAdd(a, b, addend);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float Max(float a, float b) => a > b ? a : b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float Min(float a, float b) => a < b ? a : b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float Abs(float a) => MathF.Abs(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float Negate(float a) => -a;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float LessThan(float a, float b) => Mask(a < b);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float Equal(float a, float b) => Mask(a == b);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float Select(float mask, float whenSet, float otherwise) => Bits(mask) != 0 ? whenSet : otherwise;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float Permute(float a, float lanes) => a;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float And(float a, float b) => CreateBits(Bits(a) & Bits(b));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float Or(float a, float b) => CreateBits(Bits(a) | Bits(b));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float Xor(float a, float b) => CreateBits(Bits(a) ^ Bits(b));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float AddInt(float a, float b) => CreateBits(Bits(a) + Bits(b));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float SubInt(float a, float b) => CreateBits(Bits(a) - Bits(b));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float ShiftLeft(float a, int bits) => CreateBits(Bits(a) << bits);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static float ShiftRight(float a, int bits) => CreateBits(Bits(a) >> bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)] private static int Bits(float a) => BitConverter.SingleToInt32Bits(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] private static float Mask(bool set) => CreateBits(set ? -1 : 0);
}
