using System;
using System.Collections.Generic;
using AhnSharp.Gguf;

namespace AhnSharp.Tokenizer;

/// <summary>What a chat template writes around the next turn of a user: from where the conversation stands to where the answer begins.</summary>
/// <param name="OpeningIds">From where the conversation stands to the last special token before the turn's text.</param>
/// <param name="OpeningText">What stands between that token and the turn's text, and is cut into words with it.</param>
/// <param name="ClosingText">What stands between the turn's text and the next special token, and is cut into words with it.</param>
/// <param name="ClosingIds">From that token to where the answer begins.</param>
/// <param name="Trims">Whether the template leaves out white space at both ends of the turn's text.</param>
/// <remarks>
/// Found by rendering the turn with a few strange characters in place of its text, so that a text need not be kept to be rendered: a
/// template that writes a turn as it is given, or trimmed, writes the same around every text. Others are refused.
/// </remarks>
internal sealed record TurnFrame(int[] OpeningIds, string OpeningText, string ClosingText, int[] ClosingIds, bool Trims)
{
    // What templates might change or escape, and a character without a meaning (private use), so that none looks for it.
    private const string Words = "aB 1é\n<&>\"'\\{{", Probe = Words + "\uE000", OtherProbe = Words + "\uE001", SpacedProbe = " \n" + Probe + "\n ";
    private const string AnswerMark = "\uE002";

    /// <summary>The frame of the turn behind a number of earlier ones.</summary>
    /// <param name="template">The template.</param>
    /// <param name="tokenizer">Of the same file.</param>
    /// <param name="system">The system turn; null leaves it to the template.</param>
    /// <param name="answers">Pairs of a user's turn and an answer that the conversation has already; what they say does not matter.</param>
    /// <exception cref="InvalidModelException">The template changes what a user says, or earlier turns when one is added.</exception>
    public static TurnFrame Of(ChatTemplate template, QwenTokenizer tokenizer, string? system, int answers)
    {
        bool[] trusted = template.RenderTrusted(Turns(system, answers, Probe), null, addGenerationPrompt: true, out string text);
        int start = 0;
        if (answers > 0)
        {
            string before = template.Render(Turns(system, answers - 1, ""));
            start = text.StartsWith(before, StringComparison.Ordinal) ? before.Length : BehindAnswer(template, system, answers, text);
        }
        string other = template.Render(Turns(system, answers, OtherProbe)), spaced = template.Render(Turns(system, answers, SpacedProbe));
        int at = text.AsSpan().CommonPrefixLength(other) - Words.Length;
        bool trims = spaced == text;
        bool inserts = at >= start && text.AsSpan(at).StartsWith(Probe) && other.AsSpan(at).StartsWith(OtherProbe)
            && text.AsSpan(at + Probe.Length).SequenceEqual(other.AsSpan(at + OtherProbe.Length));
        if (!inserts || (!trims && spaced != text.Remove(at, Probe.Length).Insert(at, SpacedProbe)))
            throw new InvalidModelException("The chat template changes what a user says: expected one that writes a turn once, as it is given or trimmed, as Qwen2.5's does; use the text without a template.");

        int end = at + Probe.Length, opened = start, closing = text.Length;
        foreach ((int offset, int length) in tokenizer.SpecialsIn(text, trusted))
        {
            if (offset + length <= at) opened = Math.Max(opened, offset + length);
            else closing = Math.Min(closing, offset);
        }
        return new TurnFrame(
            tokenizer.Encode(text[start..opened], trusted.AsSpan(start, opened - start)), text[opened..at],
            text[end..closing], tokenizer.Encode(text[closing..], trusted.AsSpan(closing)), trims);
    }

    // Templates of models that think write earlier answers without their thoughts, and what began an answer only while it was the last. The
    // session has read both and goes on from there: what counts is what stands behind the answer, found by an answer that is a mark.
    private static int BehindAnswer(ChatTemplate template, string? system, int answers, string text)
    {
        string turns = template.Render(Turns(system, answers - 1, ""), addGenerationPrompt: false);
        string marked = template.Render(Turns(system, answers, Probe, AnswerMark));
        int at = marked.IndexOf(AnswerMark, StringComparison.Ordinal), behind = at + AnswerMark.Length;
        bool appends = text.StartsWith(turns, StringComparison.Ordinal) && at >= 0 && marked.IndexOf(AnswerMark, behind, StringComparison.Ordinal) < 0
            && text.EndsWith(marked[behind..], StringComparison.Ordinal);
        if (!appends)
        {
            throw new InvalidModelException(
                "The chat template writes earlier turns anew when one is added: expected a template that only appends, as those of Qwen2.5 and "
                + "Qwen3 do; use the text without a template.");
        }
        return text.Length - marked.Length + behind;
    }

    private static List<ChatMessage> Turns(string? system, int answers, string last, string lastAnswer = "")
    {
        List<ChatMessage> turns = system is null ? [] : [new("system", system)];
        for (int i = 0; i < answers; i++)
        {
            turns.Add(new("user", ""));
            turns.Add(new("assistant", i == answers - 1 ? lastAnswer : ""));
        }
        turns.Add(new("user", last));
        return turns;
    }
}
