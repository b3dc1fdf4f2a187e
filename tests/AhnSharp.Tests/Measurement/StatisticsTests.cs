using System;
using System.Linq;
using AhnSharp.Measurement;
using AhnSharp.Seeds;
using Xunit;

namespace AhnSharp.Tests.Measurement;

public sealed class StatisticsTests
{
    [Fact]
    public void Samples_are_summed_up()
    {
        SampleSummary of = SampleSummary.Of([4, 1, 3, 2]);
        Assert.Equal(new SampleSummary(4, 2.5, 1, 4, 2.5, Math.Sqrt(5.0 / 3)), of);
        Assert.Equal(new SampleSummary(1, 7, 7, 7, 7, 0), SampleSummary.Of([7]));
        Assert.Throws<ArgumentException>(() => SampleSummary.Of([]));
    }

    // Ranks of the 95 % interval as tables of the sign test give them.
    [Theory]
    [InlineData(6, 1, 6)]
    [InlineData(10, 2, 9)]
    [InlineData(20, 6, 15)]
    [InlineData(100, 40, 61)]
    public void The_interval_of_a_median_has_the_ranks_of_the_sign_test(int n, int low, int high)
    {
        MedianInterval interval = MedianInterval.Of([.. Enumerable.Range(1, n).Select(i => (double)i)]);
        Assert.Equal((low, high), (interval.Low, interval.High));
        Assert.InRange(interval.Confidence, 0.95, 0.98);
    }

    [Fact]
    public void Too_few_samples_say_so() => Assert.Equal(0.9375, MedianInterval.Of([1, 2, 3, 4, 5]).Confidence, 10);

    [Fact]
    public void The_interval_holds_the_true_median_as_often_as_it_says()
    {
        SplitMix64 random = new(5);
        int inside = 0;
        for (int trial = 0; trial < 2000; trial++)
        {
            double[] samples = new double[25];
            foreach (ref double sample in samples.AsSpan()) sample = Math.Pow(random.NextDouble(), 3); // the true median is 1/8
            MedianInterval interval = MedianInterval.Of(samples);
            if (interval.Low <= 0.125 && interval.High >= 0.125) inside++;
        }
        Assert.InRange(inside / 2000.0, 0.94, 0.98);
    }
}
