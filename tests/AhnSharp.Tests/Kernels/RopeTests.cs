using System;
using AhnSharp.Kernels;
using Xunit;

namespace AhnSharp.Tests.Kernels;

public class RopeTests
{
    // cos and sin of 1,000,003 · 1e6^(−2i/64), from 60-digit arithmetic.
    [Theory]
    [InlineData(0, -0.8779864915850029, 0.4786854087960669)]
    [InlineData(1, -0.7836596687915851, -0.621190408417148)]
    [InlineData(7, -0.598542018920557, 0.8010914127529414)]
    [InlineData(16, 0.559895910686118, 0.8285629542750282)]
    [InlineData(31, 0.030860280521816268, 0.999523708116078)]
    public void Turns_by_the_exact_angle_at_one_million(int i, double cosine, double sine)
    {
        (float[] cos, float[] sin) = Angles(new Rope(64, 1e6), 1_000_003);
        Assert.Equal(cosine, cos[i], 1e-6);
        Assert.Equal(sine, sin[i], 1e-6);
    }

    // transformers' YaRN at position 5,000 with factor 4 over 32,768, D = 128, θ = 1e6; the ramp runs from dimension 23 to 40.
    [Theory]
    [InlineData(0, 0.1761100001139242, -1.1249276690705852)]
    [InlineData(10, 0.8980712477510489, -0.6999607322868764)]
    [InlineData(23, -1.0757034341070602, -0.37328154874167524)]
    [InlineData(24, -0.1960801781950282, 1.1216191673200455)]
    [InlineData(30, 0.6517385398186958, -0.933656183236474)]
    [InlineData(39, 1.0791975067351882, 0.36305610342929046)]
    [InlineData(40, 1.1106148976593917, 0.25102099887803214)]
    [InlineData(63, 1.1386280662640824, 0.0017662096201784517)]
    public void YaRN_blends_the_frequencies(int i, double cosine, double sine)
    {
        (float[] cos, float[] sin) = Angles(new Rope(128, 1e6, 4, 32768), 5000);
        Assert.Equal(cosine, cos[i], 1e-6);
        Assert.Equal(sine, sin[i], 1e-6);
    }

    [Theory]
    [InlineData(6)]
    [InlineData(64)]
    [InlineData(80)]
    [InlineData(128)]
    public void Rotates_each_head_by_halves(int headDim)
    {
        var random = new Random(3);
        float[] heads = new float[3 * headDim], expected = new float[heads.Length];
        for (int i = 0; i < heads.Length; i++) heads[i] = random.NextSingle() - 0.5f;
        (float[] cos, float[] sin) = Angles(new Rope(headDim, 1e4), 77);
        int half = headDim / 2;
        for (int i = 0; i < heads.Length; i++)
        {
            int inHead = i % headDim, pair = inHead % half;
            double other = inHead < half ? -heads[i + half] : heads[i - half];
            expected[i] = (float)(heads[i] * (double)cos[pair] + other * sin[pair]);
        }
        Rope.Rotate(heads, cos, sin);
        for (int i = 0; i < heads.Length; i++) Assert.Equal(expected[i], heads[i], 1e-6f);
    }

    private static (float[] Cos, float[] Sin) Angles(Rope rope, long position)
    {
        float[] cos = new float[rope.HeadDim / 2], sin = new float[rope.HeadDim / 2];
        rope.Angles(position, cos, sin);
        return (cos, sin);
    }
}
