using System;
using System.Collections.Generic;
using AhnSharp.Gguf;

namespace AhnSharp.Tokenizer;

/// <summary>What a chat template writes around the next turn of a user: from where the conversation stands to where the answer
/// begins.</summary>
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
    private const string Words = "aB 1é\n<&>\"'\\{{", Probe = Words + "\uE000", OtherProbe = Words + "\uE001",
        SpacedProbe = " \n" + Probe + "\n ", AnswerProbe = "aB 1é\uE002";

    /// <summary>What a template does to earlier turns: found by rendering two turns with an answer that begins with a thought.</summary>
    /// <exception cref="ChatTemplateException">The template refuses a single turn.</exception>
    public static TurnHistory HistoryOf(ChatTemplate template, string? system)
    {
        template = template.AtOneMoment();
        string first = template.Render(Turns(system, [], Probe));
        // What a model that thinks says there; some templates begin the thought themselves.
        string answer = (first.EndsWith("<think>\n", StringComparison.Ordinal) ? "" : "<think>\n") + "q\n</think>\n\n" + AnswerProbe;
        string both;
        try
        {
            both = template.Render(Turns(system, [(Probe, answer)], OtherProbe));
        }
        catch (ChatTemplateException)
        {
            return TurnHistory.Forgets; // it takes one turn and no more
        }
        if (both.StartsWith(first + answer, StringComparison.Ordinal)) return TurnHistory.Appends;
        int end = first.IndexOf(Probe, StringComparison.Ordinal) + Probe.Length;
        bool keepsTurn = end >= Probe.Length && both.StartsWith(first[..end], StringComparison.Ordinal);
        int said = keepsTurn ? both.IndexOf(AnswerProbe, end, StringComparison.Ordinal) : -1;
        return said >= 0 && both.IndexOf(OtherProbe, said, StringComparison.Ordinal) >= 0 ? TurnHistory.Rewrites : TurnHistory.Forgets;
    }

    /// <summary>How a template writes the end of a user's turn and the answer to it once another turn follows; null where that cannot be
    /// told apart.</summary>
    /// <returns>The text behind the turn's own, with the origin of every character, and whether it is what was read and said
    /// already.</returns>
    public static (string Text, bool[] Trusted, bool IsAsSaid)? Rewritten(ChatTemplate template, string? system, int answers, string answer)
    {
        template = template.AtOneMoment();
        List<(string, string)> earlier = Earlier(answers);
        try
        {
            string asked = template.Render(Turns(system, earlier, Probe));
            string pattern = template.Render(Turns(system, [.. earlier, (Probe, AnswerProbe)], OtherProbe));
            bool[] trusted = template.RenderTrusted(Turns(system, [.. earlier, (Probe, answer)], OtherProbe), null,
                addGenerationPrompt: true, out string text);
            int start = text.IndexOf(Probe, StringComparison.Ordinal) + Probe.Length;
            int said = pattern.IndexOf(AnswerProbe, Math.Min(start, pattern.Length), StringComparison.Ordinal);
            string behind = said < 0 ? "" : pattern[(said + AnswerProbe.Length)..];
            int end = text.Length - behind.Length;
            if (start < Probe.Length || said < 0 || end < start || !text.EndsWith(behind, StringComparison.Ordinal)) return null;
            string written = text[start..end];
            return (written, trusted[start..end], text.AsSpan(0, end).SequenceEqual(asked + answer));
        }
        catch (ChatTemplateException)
        {
            return null;
        }
    }

    /// <summary>The frame of the turn behind a number of earlier ones.</summary>
    /// <param name="template">The template.</param>
    /// <param name="tokenizer">Of the same file.</param>
    /// <param name="system">The system turn; null leaves it to the template.</param>
    /// <param name="answers">Pairs of a user's turn and an answer that the conversation has already; what they say does not matter.</param>
    /// <param name="history">What the template does to them.</param>
    /// <exception cref="InvalidModelException">The template changes what a user says.</exception>
    public static TurnFrame Of(ChatTemplate template, QwenTokenizer tokenizer, string? system, int answers, TurnHistory history)
    {
        template = template.AtOneMoment();
        List<(string, string)> earlier = history == TurnHistory.Forgets ? [] : Earlier(answers);
        bool[] trusted = template.RenderTrusted(Turns(system, earlier, Probe), null, addGenerationPrompt: true, out string text);
        // The turn begins behind the last answer, with what ends that.
        int start = earlier.Count == 0 ? 0 : text.LastIndexOf(AnswerProbe, StringComparison.Ordinal) + AnswerProbe.Length;
        if (start < AnswerProbe.Length && earlier.Count > 0)
        {
            throw new InvalidModelException("The chat template leaves out answers: expected one that writes every turn, as Qwen2.5's does; "
                + "use the text without a template.");
        }
        string other = template.Render(Turns(system, earlier, OtherProbe)), spaced = template.Render(Turns(system, earlier, SpacedProbe));
        int at = text.AsSpan().CommonPrefixLength(other) - Words.Length;
        bool trims = spaced == text;
        bool inserts = at >= start && text.AsSpan(at).StartsWith(Probe) && other.AsSpan(at).StartsWith(OtherProbe)
            && text.AsSpan(at + Probe.Length).SequenceEqual(other.AsSpan(at + OtherProbe.Length));
        if (!inserts || (!trims && spaced != text.Remove(at, Probe.Length).Insert(at, SpacedProbe)))
        {
            throw new InvalidModelException("The chat template changes what a user says: expected one that writes a turn once, "
                + "as it is given or trimmed, as Qwen2.5's does; use the text without a template.");
        }

        int end = at + Probe.Length, opened = start, closing = text.Length;
        foreach ((int offset, int length) in tokenizer.SpecialsIn(text, trusted))
        {
            if (offset + length <= at) opened = Math.Max(opened, offset + length);
            else closing = Math.Min(closing, offset);
        }
        int[] opening = tokenizer.Encode(text[start..opened], trusted.AsSpan(start, opened - start));
        return new TurnFrame(
            start == 0 ? tokenizer.Begun(opening) : opening, text[opened..at],
            text[end..closing], tokenizer.Encode(text[closing..], trusted.AsSpan(closing)), trims);
    }

    private static List<(string, string)> Earlier(int answers)
    {
        List<(string, string)> earlier = [];
        for (int i = 0; i < answers; i++) earlier.Add(("", AnswerProbe));
        return earlier;
    }

    private static List<ChatMessage> Turns(string? system, List<(string Asked, string Answered)> earlier, string last)
    {
        List<ChatMessage> turns = system is null ? [] : [new("system", system)];
        foreach ((string asked, string answered) in earlier)
        {
            turns.Add(new("user", asked));
            turns.Add(new("assistant", answered));
        }
        turns.Add(new("user", last));
        return turns;
    }
}
