using System;
using System.Linq;
using AhnSharp.Plots;
using Xunit;

namespace AhnSharp.Tests.Plots;

public sealed class AxisTests
{
    [Theory]
    [InlineData(0, 16_384, false, 8, "0 2k 4k 6k 8k 10k 12k 14k 16k")]
    [InlineData(-1e9, 1e9, false, 4, "−1G −500M 0 500M 1G")]
    [InlineData(0, 1, false, 5, "0 0.2 0.4 0.6 0.8 1")]
    [InlineData(1e-9, 2e-9, false, 2, "1e−9 1.5e−9 2e−9")]
    [InlineData(1e9, 1_000_000_002, false, 4, "1G 1000000000.5 1000000001 1000000001.5 1000000002")]
    [InlineData(100, 131_072, true, 9, "100 200 500 1k 2k 5k 10k 20k 50k 100k")]
    [InlineData(1e-9, 1e9, true, 8, "1e−8 1e−6 0.0001 0.01 1 100 10k 1M 100M")]
    [InlineData(1, 8, true, 8, "1 2 3 4 5 6 7 8")]
    [InlineData(40, 46, true, 4, "40 42 44 46")]
    public void Ticks_stand_at_round_numbers(double low, double high, bool log, int wanted, string labels) =>
        Assert.Equal(
            labels, string.Join(' ', Axis.Over([low, high], log, null, null, wanted, wholeSteps: false).Ticks.Select(tick => tick.Label)));

    [Theory]
    [InlineData(1000, 1000, "1k")]
    [InlineData(131_000, 1000, "131k")]
    [InlineData(999_999, 1, "999.999k")]
    [InlineData(1500, 500, "1.5k")]
    [InlineData(2.5e6, 1e5, "2.5M")]
    [InlineData(-0.25, 0.05, "−0.25")]
    [InlineData(1e-17, 0.1, "0")]
    [InlineData(3e20, 1e20, "3e20")]
    public void A_label_is_as_short_as_its_neighbours_allow(double value, double step, string label) =>
        Assert.Equal(label, TickLabel.Of(value, step));

    [Fact]
    public void Every_range_has_few_ticks_inside_it_with_labels_of_their_own()
    {
        var random = new Random(3);
        for (int i = 0; i < 2000; i++)
        {
            bool log = i % 2 == 0;
            double size = Math.Pow(10, random.NextDouble() * 24 - 12), low = log ? size : size * (random.NextDouble() - 0.5);
            double high = low + size * Math.Pow(10, random.NextDouble() * 6 - 3);
            Axis axis = Axis.Over([low, double.NaN, high], log, null, null, 2 + i % 9, wholeSteps: i % 3 == 0);
            Assert.InRange(axis.Ticks.Count, 1, 22);
            Assert.All(axis.Ticks, tick => Assert.InRange(tick.Value, axis.Minimum, axis.Maximum));
            Assert.Equal(axis.Ticks.Count, axis.Ticks.Select(tick => tick.Label).Distinct().Count());
            Assert.InRange(axis.Fraction(low), -1e-9, 1 + 1e-9);
            Assert.InRange(axis.Fraction(high), -1e-9, 1 + 1e-9);
        }
    }

    [Fact]
    public void One_value_alone_lies_in_the_middle_and_no_value_still_makes_an_axis()
    {
        Assert.Equal(0.5, Axis.Over([7], false, null, null, 5, false).Fraction(7), 12);
        Assert.Equal(0.5, Axis.Over([7], true, null, null, 5, false).Fraction(7), 12);
        Assert.Equal(0.5, Axis.Over([0], false, null, null, 5, false).Fraction(0), 12);
        Assert.NotEmpty(Axis.Over([double.NaN], true, null, null, 5, false).Ticks);
    }

    [Fact]
    public void Fixed_ends_stay()
    {
        Axis axis = Axis.Over([12, 340], false, 0, 100, 5, wholeSteps: true);
        Assert.Equal((0, 100), (axis.Minimum, axis.Maximum));
    }
}
