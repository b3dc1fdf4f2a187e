using System.Collections.Generic;

namespace AhnSharp.Plots;

/// <summary>One line of a <see cref="LineChart"/>.</summary>
/// <param name="Name">Its entry of the legend.</param>
/// <param name="Points">In ascending order of X.</param>
/// <param name="Style">Number of its colour and mark, so that it looks the same in several charts; null: its place in the chart.</param>
internal sealed record ChartSeries(string Name, IReadOnlyList<ChartPoint> Points, int? Style = null);

/// <summary>One point; where <paramref name="Y"/> is NaN the line has a gap.</summary>
/// <param name="X">Place on the horizontal axis.</param>
/// <param name="Y">Place on the vertical axis, or NaN.</param>
/// <param name="Low">Lower end of a band around the line; null: no band here.</param>
/// <param name="High">Upper end of the band; null: no band here.</param>
internal readonly record struct ChartPoint(double X, double Y, double? Low = null, double? High = null);

/// <summary>A dashed line across a chart, with a label.</summary>
/// <param name="Value">Place on the axis that it crosses.</param>
/// <param name="Label">What is there.</param>
internal sealed record ChartMarker(double Value, string Label);
