using System;
using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Plots;

/// <summary>A range of values, linear or logarithmic, with ticks at round numbers.</summary>
internal sealed class Axis
{
    private const int MaxTicks = 60;
    private readonly double _from, _to; // in the space in which the axis is even: values, or their base-10 logarithms

    private Axis(double minimum, double maximum, bool log)
    {
        (Minimum, Maximum, IsLog) = (minimum, maximum, log);
        (_from, _to) = log ? (Math.Log10(minimum), Math.Log10(maximum)) : (minimum, maximum);
    }

    internal double Minimum { get; }

    internal double Maximum { get; }

    internal bool IsLog { get; }

    /// <summary>Ascending, all inside the range; never empty.</summary>
    internal IReadOnlyList<Tick> Ticks { get; private set; } = [];

    /// <summary>An axis over the finite ones of <paramref name="values"/>.</summary>
    /// <param name="values">What is drawn; not finite: ignored. On a logarithmic axis all are above 0.</param>
    /// <param name="log">Even in the logarithm.</param>
    /// <param name="minimum">A fixed end; null: the smallest value.</param>
    /// <param name="maximum">A fixed end; null: the largest value.</param>
    /// <param name="wanted">About so many ticks.</param>
    /// <param name="wholeSteps">Free ends move out to the next tick.</param>
    internal static Axis Over(IEnumerable<double> values, bool log, double? minimum, double? maximum, int wanted, bool wholeSteps)
    {
        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        foreach (double value in values.Where(double.IsFinite)) (low, high) = (Math.Min(low, value), Math.Max(high, value));
        if (low > high) (low, high) = log ? (1, 10) : (0, 1);
        low = minimum ?? Math.Min(low, maximum ?? low);
        high = maximum ?? Math.Max(high, minimum ?? high);
        (low, high) = Apart(low, high, log, minimum is not null, maximum is not null);

        wanted = Math.Max(2, wanted);
        if (log)
        {
            var axis = new Axis(low, high, true);
            axis.Ticks = axis.LogTicks(wanted);
            return axis;
        }
        double step = Step(high - low, wanted);
        if (wholeSteps && minimum is null) low = Math.Floor(low / step + 1e-9) * step;
        if (wholeSteps && maximum is null) high = Math.Ceiling(high / step - 1e-9) * step;
        return new Axis(low, high, false) { Ticks = LinearTicks(low, high, step) };
    }

    /// <summary>0 at the minimum, 1 at the maximum.</summary>
    internal double Fraction(double value) => ((IsLog ? Math.Log10(value) : value) - _from) / (_to - _from);

    /// <summary>The value at a fraction of the axis.</summary>
    internal double ValueAt(double fraction)
    {
        double even = _from + fraction * (_to - _from);
        return IsLog ? Math.Pow(10, even) : even;
    }

    // One value alone still needs a range: half of it to each side. Ends that differ by less than doubles can
    // tell apart count as one value.
    private static (double Low, double High) Apart(double low, double high, bool log, bool fixedLow, bool fixedHigh)
    {
        if (high - low > 1e-12 * Math.Max(Math.Abs(low), Math.Abs(high)) && high > low) return (low, high);
        if (log) return (fixedLow ? low : low / 2, fixedHigh ? high : high * 2);
        double half = low == 0 ? 1 : Math.Abs(low) / 2;
        return (fixedLow ? low : low - half, fixedHigh ? high : high + half);
    }

    /// <summary>1, 2 or 5 times a power of ten, so that about <paramref name="wanted"/> steps cover the range.</summary>
    private static double Step(double range, int wanted)
    {
        double rough = range / wanted, power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double lead = rough / power;
        return power * (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10);
    }

    private static List<Tick> LinearTicks(double low, double high, double step)
    {
        var ticks = new List<Tick>();
        double first = Math.Ceiling(low / step - 1e-9);
        for (int i = 0; i <= MaxTicks; i++)
        {
            double value = (first + i) * step;
            if (value > high + step * 1e-9) break;
            ticks.Add(new Tick(Math.Clamp(value, low, high), TickLabel.Of(value, step)));
        }
        return ticks;
    }

    // The densest of these that does not crowd the axis; a range within one power of ten takes linear steps.
    private List<Tick> LogTicks(int wanted)
    {
        double[][] leads = [[1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 5, 7], [1, 2, 5], [1, 3], [1]];
        foreach (double[] lead in leads)
        {
            List<Tick> ticks = LogTicks(lead, 1);
            if (ticks.Count <= 1) break;
            if (ticks.Count <= wanted + 1) return ticks;
        }
        for (int decades = 2; _to - _from >= 1 && decades < 700; decades++)
        {
            List<Tick> ticks = LogTicks([1], decades);
            if (ticks.Count <= wanted + 1 && ticks.Count > 1) return ticks;
        }
        return LinearTicks(Minimum, Maximum, Step(Maximum - Minimum, wanted));
    }

    private List<Tick> LogTicks(double[] leads, int everyDecades)
    {
        var ticks = new List<Tick>();
        int first = (int)Math.Floor(_from);
        for (int decade = first; decade <= Math.Ceiling(_to); decade++)
        {
            if (((decade % everyDecades) + everyDecades) % everyDecades != 0) continue;
            foreach (double lead in leads)
            {
                double even = decade + Math.Log10(lead);
                if (even < _from - 1e-9 || even > _to + 1e-9) continue;
                double value = lead * Math.Pow(10, decade);
                ticks.Add(new Tick(Math.Clamp(value, Minimum, Maximum), TickLabel.Of(value, value)));
            }
        }
        return ticks;
    }
}
