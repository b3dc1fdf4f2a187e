using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using AhnSharp.Seeds;
using AhnSharp.Tokenizer;

namespace AhnSharp.Evaluation;

/// <summary>
/// Makes recall chats of any text: an excerpt with sentences like "The code of Oliver is 4827." strewn in, then a question a code.
/// </summary>
/// <remarks>Everything follows from the text, the length, the number of facts and the seed: the same four make the same chat.</remarks>
public sealed class RecallChatMaker
{
    private readonly RecallFormat _format;
    private readonly int[] _text;

    /// <summary>Prepares a text, which is encoded once.</summary>
    public RecallChatMaker(QwenTokenizer tokenizer, string text)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        _format = new RecallFormat(tokenizer);
        _text = tokenizer.Encode(text);
    }

    /// <summary>Prepares a text that is encoded already.</summary>
    internal RecallChatMaker(QwenTokenizer tokenizer, int[] text) => (_format, _text) = (new RecallFormat(tokenizer), text);

    /// <summary>The most facts one chat can hold: each has a name of its own.</summary>
    public static int MaxFacts => RecallNames.All.Length;

    /// <summary>Makes a chat of exactly <paramref name="length"/> tokens, right answers included.</summary>
    /// <param name="length">Tokens of the whole chat.</param>
    /// <param name="facts">Codes strewn in and asked for, 1 to <see cref="MaxFacts"/>.</param>
    /// <param name="seed">Chooses excerpt, names, codes, places and the order of the questions.</param>
    /// <exception cref="InvalidDataException">The text is too short for such a chat, or the length too small for so many facts.</exception>
    public RecallDialogue Make(int length, int facts, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(facts, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(facts, MaxFacts);
        var random = new SplitMix64(seed);

        // In the order of the text.
        RecallFact[] strewn = new RecallFact[facts];
        int[] names = Shuffled(MaxFacts, ref random);
        for (int i = 0; i < facts; i++)
            strewn[i] = new RecallFact(RecallNames.All[names[i]], Below(10_000, ref random).ToString("D4", CultureInfo.InvariantCulture));
        int[] asked = Shuffled(facts, ref random);

        int[][] sentences = [.. strewn.Select(_format.Sentence)];
        int[][] turns =
            [.. asked.Select((fact, turn) => turn == 0 ? _format.FirstQuestion(strewn[fact]) : _format.NextQuestion(strewn[fact]))];
        int[][] answers = [.. asked.Select(fact => _format.Answer(strewn[fact]))];
        int around =
            _format.Opening.Length + sentences.Sum(ids => ids.Length) + turns.Sum(ids => ids.Length) + answers.Sum(ids => ids.Length + 1);
        int excerpt = length - around;
        if (excerpt < facts)
        {
            throw new InvalidDataException($"A chat with {facts} codes needs at least {around + facts} tokens, found a length of {length}; "
                + "ask for a longer chat or fewer codes.");
        }
        if (_text.Length < excerpt)
        {
            throw new InvalidDataException($"A chat of {length} tokens with {facts} codes takes {excerpt} tokens of text, "
                + $"found {_text.Length} in the whole text; give a longer text or ask for a shorter chat.");
        }

        ReadOnlySpan<int> text = _text.AsSpan(Below(_text.Length - excerpt + 1, ref random), excerpt);
        var ids = new List<int>(length);
        ids.AddRange(_format.Opening);
        int[] positions = Strew(ids, text, sentences, ref random);
        int reading = ids.Count;

        var answerPositions = new List<int>(facts * RecallFact.Digits);
        for (int turn = 0; turn < facts; turn++)
        {
            ids.AddRange(turns[turn]);
            answerPositions.AddRange(_format.DigitPlaces(answers[turn]).Select(place => ids.Count + place));
            ids.AddRange(answers[turn]);
            ids.Add(_format.EndId);
        }
        int[] whole = [.. ids];
        return new RecallDialogue(
            whole[..reading], [.. asked.Select(fact => strewn[fact])], [.. asked.Select(fact => positions[fact])], new RecallChat(
                length, whole, [.. answerPositions]));
    }

    /// <summary>Appends the text with the sentences at places drawn evenly over its tokens; returns where each sentence begins.</summary>
    private static int[] Strew(List<int> ids, ReadOnlySpan<int> text, int[][] sentences, ref SplitMix64 random)
    {
        int[] places = new int[sentences.Length];
        for (int i = 0; i < places.Length; i++) places[i] = Below(text.Length, ref random);
        Array.Sort(places);

        int[] positions = new int[places.Length];
        int written = 0;
        for (int i = 0; i < places.Length; i++)
        {
            ids.AddRange(text[written..places[i]]);
            written = places[i];
            positions[i] = ids.Count;
            ids.AddRange(sentences[i]);
        }
        ids.AddRange(text[written..]);
        return positions;
    }

    /// <summary>0 … count − 1 in a drawn order (Fisher and Yates).</summary>
    private static int[] Shuffled(int count, ref SplitMix64 random)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        for (int i = count - 1; i > 0; i--)
        {
            int other = Below(i + 1, ref random);
            (order[i], order[other]) = (order[other], order[i]);
        }
        return order;
    }

    private static int Below(int count, ref SplitMix64 random) => (int)(random.NextDouble() * count);
}
