using System;

namespace AhnSharp.Generation;

/// <summary>Finds where an answer begins a call of a tool, byte by byte: where <see cref="AnswerReader"/> takes one to begin.</summary>
/// <param name="inThoughts">Whether the prompt has opened the thoughts already.</param>
internal struct CallMarks(bool inThoughts)
{
    private static ReadOnlySpan<byte> ThoughtMark => "<think>"u8;
    private static ReadOnlySpan<byte> ThoughtEndMark => "</think>"u8;

    private Part _part = inThoughts ? Part.Thoughts : Part.Beginning;
    private int _thought; // bytes of the thoughts' mark that the last ones are

    private enum Part
    {
        Beginning, // nothing but white space so far
        Thoughts,
        Text,
    }

    /// <summary>What a call begins with.</summary>
    public static ReadOnlySpan<byte> Call => "<tool_call>"u8;

    /// <summary>How many bytes of <see cref="Call"/> the last ones are.</summary>
    public int Held { get; private set; }

    /// <summary>Takes the next byte of the answer; whether a call begins behind it.</summary>
    public bool Take(byte next)
    {
        if (_part == Part.Thoughts)
        {
            _thought = Matched(ThoughtEndMark, _thought, next);
            if (_thought == ThoughtEndMark.Length) _part = Part.Text;
            return false;
        }
        if (_part == Part.Beginning && !(_thought == 0 && next is (byte)' ' or (>= 9 and <= 13)))
        {
            _thought = ThoughtMark[_thought] == next ? _thought + 1 : 0;
            if (_thought == ThoughtMark.Length) (_part, _thought, Held) = (Part.Thoughts, 0, 0);
            else if (_thought == 0) _part = Part.Text;
            if (_part == Part.Thoughts) return false;
        }
        Held = Matched(Call, Held, next);
        if (Held < Call.Length) return false;
        (_part, Held) = (Part.Text, 0);
        return true;
    }

    // The first character of a mark stands in it once: what begins no mark may only begin another one.
    private static int Matched(ReadOnlySpan<byte> mark, int matched, byte next) =>
        mark[matched] == next ? matched + 1 : mark[0] == next ? 1 : 0;
}
