using System.Runtime.InteropServices;
using System.Security.Cryptography;
using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using HybridConv.Ops.Elementwise;
using HybridConv.Testing;
using Xunit;

namespace HybridConv.Tests.Cpu.Simd;

public class SimdMathBitsTests
{
    [Theory]
    [InlineData("V512"), InlineData("V256"), InlineData("V128"), InlineData("Scalar")]
    public void The_bits_are_the_same_on_every_instruction_set(string isa) => ChildProcess.RunTestsWith(Enum.Parse<Isa>(isa), typeof(Bits));

    /// <summary>Few numbers: without the instruction a fused multiply-add is emulated.</summary>
    public class Bits
    {
        [Fact]
        public void Are_these()
        {
            float[] x = [.. Enumerable.Range(-400, 801).Select(i => i * 0.0573f), .. Enumerable.Range(1, 250).Select(i => BitConverter.Int32BitsToSingle(i * 8_500_000))];
            var code = new Code(x);
            string scalar = IsaDispatch.Run<Code, string>(Isa.Scalar, code);
            Assert.Equal("92D478C669BB8EAF", scalar);
            Assert.Equal(scalar, IsaDispatch.Run<Code, string>(CpuInfo.Widest, code));
        }
    }

    private readonly unsafe struct Code(float[] x) : IVectorCode<string>
    {
        public string With<S, V>() where S : struct, ISimd<V> where V : struct
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            Append<Exp, S, V>(hash, default);
            Append<Tanh, S, V>(hash, default);
            Append<Sigmoid, S, V>(hash, default);
            Append<Erf, S, V>(hash, default);
            Append<Elu, S, V>(hash, new Elu(1.5f));
            Append<SelfPower, S, V>(hash, default);
            Append<Log, S, V>(hash, default);
            Append<Softplus, S, V>(hash, default);
            Append<Swish, S, V>(hash, new Swish(1.702f));
            Append<Mish, S, V>(hash, default);
            Append<Gelu, S, V>(hash, new Gelu(Approximate: false));
            Append<Gelu, S, V>(hash, new Gelu(Approximate: true));
            return Convert.ToHexString(hash.GetHashAndReset())[..16];
        }

        private void Append<F, S, V>(IncrementalHash hash, F function) where F : struct, IUnaryFunction where S : struct, ISimd<V> where V : struct
        {
            var y = new float[x.Length];
            fixed (float* from = x, to = y)
                ActivationFunctions.Map<F, S, V>(function, from, to, x.Length);
            // All NaNs count as one, and +0 as -0.
            hash.AppendData(MemoryMarshal.AsBytes<float>(Array.ConvertAll(y, v => float.IsNaN(v) ? float.NaN : v + 0f)));
        }
    }

    /// <summary>x^(x/3), for powers of many sizes.</summary>
    private readonly struct SelfPower : IUnaryFunction
    {
        public V Apply<S, V>(V x) where S : struct, ILanewise<V> where V : struct => SimdMath.Pow<S, V>(x, S.Mul(x, S.Create(1 / 3f)));

        public double Apply(double x) => Math.Pow(x, x / 3);
    }
}
