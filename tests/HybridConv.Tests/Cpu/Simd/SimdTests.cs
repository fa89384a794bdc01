using System.Runtime.CompilerServices;
using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using Xunit;

namespace HybridConv.Tests.Cpu.Simd;

/// <summary>Every operation of every vector width gives, lane by lane, the bits that <see cref="Scalar"/> gives.</summary>
public sealed class SimdTests
{
    private static readonly float[] Values =
    [
        0f, -0f, 1f, -1f, 0.5f, 3.14159f, -2.71828f, 1e-40f, -1e-40f, 1e38f, -1e38f, float.Epsilon, float.MaxValue,
        float.PositiveInfinity, float.NegativeInfinity, float.NaN, 1.0000001f, 16777216f, -0.33333334f,
    ];

    public static TheoryData<string> Isas => [.. IsaDispatch.All.Where(isa => isa <= CpuInfo.Widest).Select(isa => isa.ToString())];

    [Theory]
    [MemberData(nameof(Isas))]
    public void Every_operation_equals_the_scalar_one(string isa) => IsaDispatch.Run<AllOperations, bool>(Enum.Parse<Isa>(isa), default);

    [Theory]
    [MemberData(nameof(Isas))]
    public void Partial_loads_and_stores_touch_exactly_n_lanes(string isa) => IsaDispatch.Run<Partial, bool>(Enum.Parse<Isa>(isa), default);

    [Theory]
    [MemberData(nameof(Isas))]
    public void Permute_takes_the_lanes_that_are_named(string isa) => IsaDispatch.Run<Permutation, bool>(Enum.Parse<Isa>(isa), default);

    [Theory]
    [MemberData(nameof(Isas))]
    public void Scaling_by_powers_of_two_rounds_once(string isa) => IsaDispatch.Run<Scalings, bool>(Enum.Parse<Isa>(isa), default);

    [Fact]
    public void Max_and_min_keep_nan_in_the_data()
    {
        Assert.True(float.IsNaN(Scalar.Max(0, float.NaN)));
        Assert.True(float.IsNaN(Scalar.Min(6, float.NaN)));
    }

    private readonly struct AllOperations : IVectorCode<bool>
    {
        public unsafe bool With<S, V>() where S : struct, ISimd<V> where V : struct
        {
            float* a = stackalloc float[S.Count], b = stackalloc float[S.Count], c = stackalloc float[S.Count], got = stackalloc float[S.Count];
            for (int start = 0; start < Values.Length; start++)
                for (int shift = 0; shift < Values.Length; shift++)
                {
                    for (int i = 0; i < S.Count; i++)
                    {
                        a[i] = Values[(start + i) % Values.Length];
                        b[i] = Values[(start + shift + i) % Values.Length];
                        c[i] = Values[(2 * start + shift + 3 * i) % Values.Length];
                    }
                    Check("Add", S.Add(S.Load(a), S.Load(b)), (x, y, z) => Scalar.Add(x, y));
                    Check("Sub", S.Sub(S.Load(a), S.Load(b)), (x, y, z) => Scalar.Sub(x, y));
                    Check("Mul", S.Mul(S.Load(a), S.Load(b)), (x, y, z) => Scalar.Mul(x, y));
                    Check("Div", S.Div(S.Load(a), S.Load(b)), (x, y, z) => Scalar.Div(x, y));
                    Check("Sqrt", S.Sqrt(S.Load(a)), (x, y, z) => Scalar.Sqrt(x));
                    Check("Fma", S.Fma(S.Load(a), S.Load(b), S.Load(c)), Scalar.Fma);
                    Check("Max", S.Max(S.Create(1.5f), S.Load(b)), (x, y, z) => Scalar.Max(1.5f, y));
                    Check("Min", S.Min(S.Create(1.5f), S.Load(b)), (x, y, z) => Scalar.Min(1.5f, y));
                    Check("Abs", S.Abs(S.Load(a)), (x, y, z) => Scalar.Abs(x));
                    Check("Negate", S.Negate(S.Load(a)), (x, y, z) => Scalar.Negate(x));
                    Check("LessThan", S.LessThan(S.Load(a), S.Load(b)), (x, y, z) => Scalar.LessThan(x, y), exact: true);
                    Check("Equal", S.Equal(S.Load(a), S.Load(b)), (x, y, z) => Scalar.Equal(x, y), exact: true);
                    Check("Select", S.Select(S.LessThan(S.Load(a), S.Load(b)), S.Load(b), S.Load(c)), (x, y, z) => x < y ? y : z);
                    Check("And", S.And(S.Load(a), S.CreateBits(0x7fc00000)), (x, y, z) => Scalar.And(x, Scalar.CreateBits(0x7fc00000)), exact: true);
                    Check("Or", S.Or(S.Load(a), S.Load(b)), (x, y, z) => Scalar.Or(x, y), exact: true);
                    Check("Xor", S.Xor(S.Load(a), S.Load(b)), (x, y, z) => Scalar.Xor(x, y), exact: true);
                    Check("AddInt", S.AddInt(S.Load(a), S.Load(b)), (x, y, z) => Scalar.AddInt(x, y), exact: true);
                    Check("SubInt", S.SubInt(S.Load(a), S.Load(b)), (x, y, z) => Scalar.SubInt(x, y), exact: true);
                    Check("ShiftLeft", S.ShiftLeft(S.Load(a), 23), (x, y, z) => Scalar.ShiftLeft(x, 23), exact: true);
                    Check("ShiftRight", S.ShiftRight(S.Load(a), 23), (x, y, z) => Scalar.ShiftRight(x, 23), exact: true);
                }
            return true;

            void Check(string operation, V vector, Func<float, float, float, float> scalar, bool exact = false)
            {
                S.Store(vector, got);
                for (int i = 0; i < S.Count; i++)
                {
                    float want = scalar(a[i], b[i], c[i]);
                    bool equal = exact ? BitConverter.SingleToInt32Bits(want) == BitConverter.SingleToInt32Bits(got[i])
                        : want == got[i] || (float.IsNaN(want) && float.IsNaN(got[i]));
                    Assert.True(equal, $"{operation}({a[i]}, {b[i]}, {c[i]}) = {got[i]}, not {want}");
                }
            }
        }
    }

    private readonly struct Scalings : IVectorCode<bool>
    {
        public unsafe bool With<S, V>() where S : struct, ISimd<V> where V : struct
        {
            float* got = stackalloc float[S.Count];
            foreach (float x in (float[])[0.7071068f, 0.99999994f, 1f, 1.0000001f, 1.25f, 1.4142135f, 1.75f])
                for (int n = -151; n <= 129; n++)
                {
                    S.Store(S.ScaleByPowerOfTwo(S.Create(x), S.Create(n)), got);
                    for (int i = 0; i < S.Count; i++)
                        Assert.Equal((float)Math.ScaleB(x, n), got[i]);
                }
            S.Store(S.ScaleByPowerOfTwo(S.Create(float.NaN), S.Create(float.NaN)), got);
            Assert.True(float.IsNaN(got[0]));
            return true;
        }
    }

    private readonly struct Permutation : IVectorCode<bool>
    {
        public unsafe bool With<S, V>() where S : struct, ISimd<V> where V : struct
        {
            float* source = stackalloc float[S.Count], lanes = stackalloc float[S.Count], target = stackalloc float[S.Count];
            for (int i = 0; i < S.Count; i++)
            {
                source[i] = i + 1;
                ((int*)lanes)[i] = (7 * i + 3) % S.Count;
            }
            S.Store(S.Permute(S.Load(source), S.Load(lanes)), target);
            for (int i = 0; i < S.Count; i++)
                Assert.Equal(((int*)lanes)[i] + 1, target[i]);
            return true;
        }
    }

    private readonly struct Partial : IVectorCode<bool>
    {
        public unsafe bool With<S, V>() where S : struct, ISimd<V> where V : struct
        {
            float* source = stackalloc float[S.Count], target = stackalloc float[S.Count + 1];
            for (int n = 0; n <= S.Count; n++)
            {
                for (int i = 0; i < S.Count; i++)
                    source[i] = i + 1;
                Unsafe.InitBlock(target, 0xCD, (uint)(S.Count + 1) * sizeof(float));
                float canary = target[S.Count];
                S.Store(S.LoadPartial(source, n), target);
                for (int i = 0; i < S.Count; i++)
                    Assert.Equal(i < n ? i + 1 : 0, target[i]);

                Unsafe.InitBlock(target, 0xCD, (uint)(S.Count + 1) * sizeof(float));
                S.StorePartial(S.Load(source), target, n);
                for (int i = 0; i <= S.Count; i++)
                    Assert.Equal(i < n ? i + 1 : canary, target[i]);
            }
            return true;
        }
    }
}
