using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using AhnSharp.Evaluation;
using AhnSharp.Seeds;
using AhnSharp.Tokenizer;

namespace AhnSharp.Training;

/// <summary>
/// What is learned from, and what is held out: every text of a run follows from the documents, the options and its number.
/// </summary>
/// <remarks>
/// The beginnings of all documents stand one behind the other, and so do their ends, which are never trained on. A round cuts the stream at
/// an offset that is drawn anew each time, so that nothing is left over for good, and shuffles the pieces. Chats with strewn facts are
/// made of
/// an excerpt of the same stream.
/// </remarks>
internal sealed class TrainingTexts
{
    private const int MostFacts = 8, TokensPerFact = 128, SinksStep = 32;
    private readonly TrainingOptions _options;
    private readonly TrainingStream _stream, _heldOut;
    private readonly RecallChatMaker? _chats, _heldOutChats;

    /// <summary>Of token ids.</summary>
    /// <param name="stream">To learn from.</param>
    /// <param name="heldOut">Never trained on.</param>
    /// <param name="options">Length, seed, share of chats.</param>
    /// <param name="chats">Makes chats of the first and of the second; null where there are none.</param>
    /// <param name="sources">Names and hashes of the documents, for the file.</param>
    /// <exception cref="InvalidDataException">Too little text; the message is one sentence.</exception>
    public TrainingTexts(
        TrainingStream stream, TrainingStream heldOut, TrainingOptions options,
        (RecallChatMaker Training, RecallChatMaker HeldOut)? chats = null, IReadOnlyList<(string Name, string Sha256)>? sources = null)
    {
        if (stream.Count < options.Length || heldOut.Count < options.Length)
        {
            throw new InvalidDataException(
                $"Expected at least {options.Length} tokens to train on and as many held out, found {stream.Count} and {heldOut.Count}; "
                    + "name more text, or choose a smaller --length or another --hold-out.");
        }
        (_stream, _heldOut, _options, Sources) = (stream, heldOut, options, sources ?? []);
        if (options.Recall <= 0) return;
        (_chats, _heldOutChats) = chats ?? throw new ArgumentNullException(nameof(chats));
        foreach (RecallChatMaker maker in (RecallChatMaker[])[_chats, _heldOutChats])
            _ = maker.Make(options.Length, Facts(options), options.Seed); // says now what is wrong, not after an hour
    }

    /// <summary>Names of the documents and SHA-256 of what was read of each.</summary>
    public IReadOnlyList<(string Name, string Sha256)> Sources { get; }

    /// <summary>Tokens to learn from.</summary>
    public int Tokens => _stream.Count;

    /// <summary>Tokens held out.</summary>
    public int HeldOutTokens => _heldOut.Count;

    /// <summary>Encodes documents and conversations, and holds the end of each out.</summary>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="documents">Texts.</param>
    /// <param name="conversations">Files of conversations.</param>
    /// <param name="options">How.</param>
    /// <exception cref="InvalidDataException">What is there is not what it should be; the message is one sentence.</exception>
    public static TrainingTexts Of(
        QwenTokenizer tokenizer, IReadOnlyList<(string Name, string Text)> documents, TrainingOptions options,
        params IReadOnlyList<(string Name, string Text)> conversations)
    {
        TrainingStream stream = new(), heldOut = new();
        int? end = tokenizer.IdOf("<|endoftext|>");
        foreach ((_, string text) in documents)
        {
            int[] ids = tokenizer.Encode(text);
            int held = (int)Math.Round(ids.Length * options.HoldOut);
            stream.Add(ids.AsSpan(0, ids.Length - held), [], end);
            heldOut.Add(ids.AsSpan(ids.Length - held), [], end);
        }
        (RecallChatMaker, RecallChatMaker)? chats = options.Recall > 0
            ? (new RecallChatMaker(tokenizer, stream.Ids), new RecallChatMaker(tokenizer, heldOut.Ids)) : null;
        ChatTemplate? template = conversations.Count == 0 ? null : ChatTemplate.FromTokenizer(tokenizer) ?? throw new InvalidDataException(
            $"{conversations[0].Name}: conversations need a model with a chat template, and this one has none.");
        foreach ((string name, string text) in conversations)
        {
            List<(int[] Ids, float[] Weights)> all = ConversationFile.Read(name, text, tokenizer, template!, options.AnswerWeight);
            int held = Math.Min(all.Count, Math.Max(1, (int)Math.Round(all.Count * options.HoldOut)));
            for (int i = 0; i < all.Count; i++) (i < all.Count - held ? stream : heldOut).Add(all[i].Ids, all[i].Weights, null);
        }
        return new TrainingTexts(stream, heldOut, options, chats, [.. documents.Concat(conversations).Select(document => (
            document.Name, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(document.Text)))))]);
    }

    /// <summary>The text with a number, from 0 on, of the whole run.</summary>
    public TrainingSequence Take(int number)
    {
        SplitMix64 random = Random(1, number);
        bool isChat = random.NextDouble() < _options.Recall;
        (int window, int sinks) = Sight(ref random);
        return isChat ? Chat(_chats!, random.NextUInt64(), window, sinks) : Piece(number, window, sinks);
    }

    /// <summary>The texts of a measurement, always the same ones; of the share of <c>Recall</c> chats.</summary>
    public IEnumerable<TrainingSequence> HeldOut()
    {
        int count = _options.HeldOutTexts, chats = (int)Math.Round(_options.Recall * count), texts = count - chats;
        for (int i = 0; i < count; i++)
        {
            SplitMix64 random = Random(2, i);
            (int window, int sinks) = Sight(ref random);
            int room = _heldOut.Count - _options.Length, start = texts > 1 ? (int)((long)room * i / (texts - 1)) : room / 2;
            yield return i >= texts
                ? Chat(_heldOutChats!, random.NextUInt64(), window, sinks)
                : _heldOut.Cut(start, _options.Length, window, sinks);
        }
    }

    // Half, a quarter or an eighth of a text stays exact, at most half of that as sinks.
    private (int Window, int Sinks) Sight(ref SplitMix64 random)
    {
        int exact = Math.Max(1, _options.Length >> (1 + Below(3, ref random)));
        List<int> sinks = [0];
        for (int s = SinksStep; s <= exact / 2; s *= 2) sinks.Add(s);
        int chosen = sinks[Below(sinks.Count, ref random)];
        return (exact - chosen, chosen);
    }

    private TrainingSequence Chat(RecallChatMaker maker, ulong seed, int window, int sinks)
    {
        SplitMix64 random = new(seed);
        int facts = 1 + Below(Facts(_options), ref random);
        RecallChat chat = maker.Make(_options.Length, facts, random.NextUInt64()).Chat;
        float[] weights = new float[chat.Ids.Length];
        Array.Fill(weights, 1);
        foreach (int position in chat.AnswerPositions) weights[position - 1] = _options.AnswerWeight;
        return new TrainingSequence(chat.Ids, window, sinks, weights);
    }

    // At most so many in one chat.
    private static int Facts(TrainingOptions options) => Math.Clamp(options.Length / TokensPerFact, 1, MostFacts);

    private TrainingSequence Piece(int number, int window, int sinks)
    {
        int pieces = _stream.Count / _options.Length;
        (int round, int place) = Math.DivRem(number, pieces);
        SplitMix64 random = Random(3, round);
        int offset = Below(_stream.Count - pieces * _options.Length + 1, ref random);
        int[] order = [.. Enumerable.Range(0, pieces)];
        for (int i = pieces - 1; i > 0; i--)
        {
            int other = Below(i + 1, ref random);
            (order[i], order[other]) = (order[other], order[i]);
        }
        return _stream.Cut(offset + order[place] * _options.Length, _options.Length, window, sinks);
    }

    private SplitMix64 Random(ulong purpose, int number) =>
        new(SplitMix64.Mix(_options.Seed + SplitMix64.Mix(purpose << 32 | (uint)number)));

    private static int Below(int count, ref SplitMix64 random) => (int)(random.NextDouble() * count);
}
