using System;
using System.Linq;
using AhnSharp.Evaluation;
using Xunit;

namespace AhnSharp.Tests.Evaluation;

public sealed class DistributionTests
{
    [Fact]
    public void Of_the_numbers_to_1000()
    {
        double[] values = [.. Enumerable.Range(0, 1001).Select(i => (double)(i * 5 % 1001))];
        Distribution all = Distribution.Of(values);
        // Mean 500; variance of 0 … n − 1 with divisor n − 1 is n(n + 1)/12.
        Assert.Equal(
            (500.0, 500.0, 990.0, 999.0, 1000.0), (all.Mean, all.Median, all.Percent99, Math.Round(all.Percent999, 9), all.Largest));
        Assert.Equal(Math.Sqrt(1001.0 * 1002 / 12 / 1001), all.StandardError, 1e-12);
    }

    [Fact]
    public void Between_two_numbers_it_is_linear() => Assert.Equal((1.5, 1.99, 1.999, 2.0),
        (Distribution.Of([2, 1]) is var d ? (d.Median, d.Percent99, Math.Round(d.Percent999, 12), d.Largest) : default));

    [Fact]
    public void Of_one_number_and_of_none()
    {
        Assert.Equal(new Distribution(3, 0, 3, 3, 3, 3), Distribution.Of([3]));
        Assert.Throws<ArgumentException>(() => Distribution.Of([]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(127)]
    [InlineData(129)]
    [InlineData(16_383)]
    [InlineData(131_072)]
    public void Bins_of_positions_cover_the_text_once(int tokens)
    {
        var bins = PositionBins.Over(tokens);
        int next = 0;
        foreach ((int start, int count) in bins)
        {
            Assert.Equal(next, start);
            Assert.True(count > 0);
            Assert.InRange(PositionBins.Middle((start, count)), start, start + count);
            next += count;
        }
        Assert.Equal(tokens, next);
        Assert.InRange(bins.Count, 1, 24);
    }

    [Fact]
    public void Recall_is_counted_by_doublings_of_the_distance()
    {
        var distances = new RecallDistances();
        foreach ((int distance, bool hit) in new[] { (1, true), (600, true), (1023, false), (512, true), (1024, true) })
            distances.Add(distance, hit);
        RecallAtDistance[] at = [.. distances.ByDistance];
        Assert.Equal([(1, 2), (512, 1024), (1024, 2048)], at.Select(octave => (octave.From, octave.To)));
        Assert.Equal((3, 2), (at[1].Total.Digits, at[1].Total.Hits));
        Assert.Equal((600 + 1023 + 512) / 3.0, at[1].MeanDistance, 1e-9);
    }
}
