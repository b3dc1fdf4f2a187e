using System;
using System.Numerics;
using AhnSharp.Kernels;
using Xunit;

namespace AhnSharp.Tests.Kernels;

public sealed class ExponentialTests
{
    [Fact]
    public void Every_argument_of_normal_results_is_within_three_parts_in_ten_million()
    {
        float[] x = new float[100_003]; // no multiple of a register
        for (int i = 0; i < x.Length; i++) x[i] = -87.3f + (176f * i / x.Length);
        float[] values = [.. x];
        Exponential.InPlace(values);
        for (int i = 0; i < x.Length; i++)
            Assert.True(Math.Abs((values[i] / Math.Exp(x[i])) - 1) < 3e-7, $"e^{x[i]:R} = {Math.Exp(x[i]):R}, found {values[i]:R}");
    }

    [Fact]
    public void Arguments_beyond_them_stay_finite_and_zero_is_one()
    {
        Vector<float> least = Exponential.Of(new Vector<float>(-1e30f)), most = Exponential.Of(new Vector<float>(1e30f));
        Assert.InRange(least[0], 0, 1.2e-38f);
        Assert.InRange(most[0], 3.4e38f, float.MaxValue);
        Assert.Equal(Vector<float>.One, Exponential.Of(Vector<float>.Zero));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(8965)]
    public void SwiGlu_is_what_double_precision_says(int length)
    {
        Random random = new(7);
        float[] gate = new float[length], up = new float[length];
        for (int i = 0; i < length; i++) (gate[i], up[i]) = ((random.NextSingle() - 0.5f) * 200, random.NextSingle() - 0.5f);
        float[] found = [.. gate];
        SwiGlu.InPlace(found, up);
        for (int i = 0; i < length; i++)
        {
            double expected = gate[i] / (1 + Math.Exp(-(double)gate[i])) * up[i];
            Assert.True(Math.Abs(found[i] - expected) <= 1e-6 * Math.Abs(expected) + 1e-35,
                $"SiLU({gate[i]})·{up[i]} = {expected}, found {found[i]}");
        }
    }
}
