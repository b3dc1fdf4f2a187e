using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Threading;
using AhnSharp.Archive;
using AhnSharp.Sessions;
using AhnSharp.Tokenizer;

namespace AhnSharp.Evaluation;

/// <summary>Finds the heads of a model that look facts up, and measures what an archive of fewer heads recalls.</summary>
/// <remarks>
/// A head is ranked by its attention to the blocks of a fact while the fact's digits are written, every head being archived. (Ranked by
/// its attention to the archive as a whole the first layer wins, which looks everywhere, and recall halves.)
/// </remarks>
public sealed class HeadCalibrator
{
    private readonly LanguageModel _model;
    private readonly SessionOptions _options;
    private readonly RecallFormat _format;

    /// <summary>Of a model that computes archives.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="options">Sessions with an archive of every head.</param>
    public HeadCalibrator(LanguageModel model, QwenTokenizer tokenizer, SessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Archive is not { Heads: null })
            throw new ArgumentException("Expected sessions with an archive of every head, found another.", nameof(options));
        (_model, _options, _format) = (model, options, new RecallFormat(tokenizer));
    }

    /// <summary>All heads that can have an archive, those first that look facts up.</summary>
    /// <exception cref="InvalidDataException">In none of the chats has a fact left the window.</exception>
    public ImmutableArray<RankedHead> Rank(
        IReadOnlyList<RecallDialogue> chats, IProgress<long>? read = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(chats);
        int layers = _model.Config.LayerCount, kvHeads = _model.Config.KvHeadCount, digits = 0;
        var use = new ArchiveHeadUse(layers, kvHeads);
        SessionPlan plan = _model.Plan(_options);
        foreach (RecallDialogue chat in chats)
        {
            digits += Watch(chat, use, cancellation);
            read?.Report(chat.Chat.Ids.Length);
        }
        if (digits == 0)
        {
            throw new InvalidDataException(
                $"Expected chats in which facts lie in full blocks behind a window of {plan.Window} tokens, found none: "
                    + "make longer chats.");
        }
        double[] shares = use.Shares.ToArray();
        return
        [
            .. Enumerable.Range(0, layers * kvHeads).Where(i => plan.Shape!.Has(i / kvHeads, i % kvHeads))
                .OrderByDescending(i => shares[i]).ThenBy(i => i)
                .Select(i => new RankedHead(i / kvHeads, i % kvHeads, shares[i] / digits)),
        ];
    }

    /// <summary>What the first heads of a ranking recall of chats.</summary>
    public HeadRecall Measure(
        IReadOnlyList<RecallDialogue> chats, ImmutableArray<RankedHead> ranking, int heads, IProgress<long>? read = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(chats);
        ArgumentOutOfRangeException.ThrowIfLessThan(heads, 1);
        SessionOptions options = heads >= ranking.Length ? _options : _options with
        {
            Archive = _options.Archive! with { Heads = [.. ranking.Take(heads).Select(head => (head.Layer, head.KvHead))] },
        };
        int digits = 0, hits = 0;
        foreach (RecallDialogue chat in chats)
        {
            digits += chat.Chat.AnswerPositions.Length;
            hits += RecallScorer.CountHits(_model, chat.Chat, options, cancellation);
            read?.Report(chat.Chat.Ids.Length);
        }
        ArchiveShape shape = _model.Plan(options).Shape!;
        return new HeadRecall(heads, digits, hits, (double)shape.BlockBytes / shape.Block, (double)shape.IndexBytes / shape.Block);
    }

    // Counts the digits of facts that lie in sealed blocks.
    private int Watch(RecallDialogue chat, ArchiveHeadUse use, CancellationToken cancellation)
    {
        using LanguageSession session = _model.CreateSession(_options);
        ArchiveShape shape = session.Plan.Shape!;
        int[] ids = chat.Chat.Ids;
        int read = 0, digits = 0;
        for (int i = 0; i < chat.Facts.Length; i++)
        {
            long first = (chat.SentencePositions[i] - shape.Sinks) / shape.Block,
                end = (chat.SentencePositions[i] + _format.Sentence(chat.Facts[i]).Length - 1 - shape.Sinks) / shape.Block + 1;
            for (int d = i * RecallFact.Digits; d < (i + 1) * RecallFact.Digits; d++)
            {
                int asks = chat.Chat.AnswerPositions[d] - 1; // the token whose logits say the digit
                session.HeadUse = null;
                if (asks > read)
                {
                    _model.Forward(
                        session, ids.AsSpan(read, asks - read), read == 0 ? TokenPhase.Reading : TokenPhase.Asking, null, cancellation);
                }
                if (first >= 0 && end <= shape.Sealed(asks + 1))
                {
                    use.Watch(first, end);
                    session.HeadUse = use;
                    digits++;
                }
                _model.Forward(session, ids.AsSpan(asks, 1), TokenPhase.Asking, null, cancellation);
                read = asks + 1;
            }
        }
        return digits;
    }
}
