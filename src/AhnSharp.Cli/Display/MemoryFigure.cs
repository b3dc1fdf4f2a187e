using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using AhnSharp.Plots;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Display;

/// <summary>
/// The compressed memory of a session as heat maps, a row per layer and a column per query head: how full it is,
/// how it writes, how long it keeps.
/// </summary>
internal static class MemoryFigure
{
    /// <param name="title">Which session.</param>
    /// <param name="subtitle">Of which model, after what.</param>
    /// <param name="session">Has a memory.</param>
    internal static Figure Of(string title, string subtitle, SessionDescription session)
    {
        string gate = session.Rule!.WriteSymbol,
            over = string.Create(CultureInfo.InvariantCulture, $"mean of the {session.GateTokens:N0} tokens in the window");
        bool isEmpty = session.Tally.Compressed == 0;
        List<Panel> maps =
        [
            Map("How much the memory holds: Frobenius norm of its state", isEmpty ? "0: no token has left the window yet" : null, "norm",
                session, head => head.Norm)
                with { Minimum = isEmpty ? 0 : null, Maximum = isEmpty ? 1 : null },
            Map($"How strongly a token is written: {gate}", over, gate, session, head => head.WriteStrength),
        ];
        if (session.Rule.Decays)
        {
            maps.Add(Map("How long a write lasts: tokens until it has decayed to 1/e", $"at the {over[..4]} decay{over[4..]}", "tokens",
                session, head => head.EffectiveTokens, isLog: true));
        }
        return new Figure { Title = title, Subtitle = subtitle, Panels = [.. maps] };
    }

    private static HeatMap Map(string title, string? subtitle, string value, SessionDescription session,
        Func<MemoryHeadDescription, double?> read, bool isLog = false)
    {
        int heads = session.Layers.Max(layer => layer.Heads.Count);
        float[,] values = new float[session.Layers.Count, heads];
        for (int layer = 0; layer < session.Layers.Count; layer++)
        {
            IReadOnlyList<MemoryHeadDescription> found = session.Layers[layer].Heads;
            for (int head = 0; head < heads; head++)
            {
                float number = found.Count > head && read(found[head]) is { } known ? (float)known : float.NaN;
                // A decay too small for its number to be finite is none.
                values[layer, head] = float.IsInfinity(number) ? float.NaN : number;
            }
        }
        return new HeatMap
        {
            Title = title,
            Subtitle = subtitle,
            XLabel = "query head",
            YLabel = "layer",
            ValueLabel = value,
            Rows = [.. Enumerable.Range(0, session.Layers.Count).Select(Name)],
            Columns = [.. Enumerable.Range(0, heads).Select(Name)],
            Values = values,
            LogValues = isLog,
            MissingLabel = "none",
        };
    }

    private static string Name(int number) => number.ToString(CultureInfo.InvariantCulture);
}
