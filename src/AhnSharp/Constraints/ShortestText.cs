using System.Collections.Generic;
using static AhnSharp.Constraints.Grammar;

namespace AhnSharp.Constraints;

/// <summary>Writes the texts of <see cref="ShortestWays"/> down, long repeats and very long texts as what they take.</summary>
internal static class ShortestText
{
    /// <summary>Loops whose text is longer than this are counted, not written.</summary>
    public const int MaxWritten = 2_048;

    // Of one text so many bytes are written: segmenting 16 KB takes some 3 ms.
    private const int MaxText = 16 << 10;

    /// <summary>A part of a text: bytes; or the body of a rule, so many times; or so many bytes that nobody wrote down.</summary>
    internal readonly record struct Segment(byte[] Text, int Rule, long Times)
    {
        public const int Written = -1, Unwritten = -2;
    }

    /// <summary>Whether so many bodies of a rule are counted, not written.</summary>
    public static bool IsCounted(ShortestWays ways, Entry rule, long times) =>
        times > 1 && ShortestWays.Product(times, ways.Bytes(rule.Start)) > MaxWritten;

    /// <summary>The shortest text from a state to the end of its rule.</summary>
    public static Segment[] From(Grammar grammar, ShortestWays ways, int state)
    {
        List<Segment> segments = [];
        List<byte> text = [];
        Stack<(int Target, int Rule, long Times)> around = new();
        long left = ways.Bytes(state);
        int written = 0;
        while (true)
        {
            if (ways.Next(state) is not Edge edge)
            {
                if (!around.TryPop(out (int Target, int Rule, long Times) outer)) break;
                state = outer.Times > 0 ? grammar.Rules[outer.Rule].Start : outer.Target;
                if (outer.Times > 0) around.Push(outer with { Times = outer.Times - 1 });
                continue;
            }
            Entry rule = grammar.Rules[edge.Rule];
            switch (edge.Kind)
            {
                case EdgeKind.Byte:
                    text.Add(ShortestWays.ByteOf(edge));
                    (written, left, state) = (written + 1, left - 1, edge.To);
                    break;
                case EdgeKind.Empty:
                    state = edge.To;
                    break;
                case EdgeKind.Call:
                    around.Push((edge.To, 0, 0));
                    state = rule.Start;
                    break;
                case EdgeKind.Next:
                    state = rule.Start;
                    break;
                default:
                    long times = ways.Times(edge);
                    state = edge.To;
                    if (times == 0) break;
                    if (IsCounted(ways, rule, times))
                    {
                        Flush();
                        segments.Add(new Segment([], edge.Rule, times));
                        left -= ShortestWays.Product(times, ways.Bytes(rule.Start));
                        break;
                    }
                    around.Push((edge.To, edge.Rule, times - 1));
                    state = rule.Start;
                    break;
            }
            if (written < MaxText) continue;
            Flush();
            segments.Add(new Segment([], Segment.Unwritten, left));
            return [.. segments];
        }
        Flush();
        return [.. segments];

        void Flush()
        {
            if (text.Count > 0) segments.Add(new Segment([.. text], Segment.Written, 1));
            text.Clear();
        }
    }
}
