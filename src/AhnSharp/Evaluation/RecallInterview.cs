using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Generation;
using AhnSharp.Sessions;
using AhnSharp.Tokenizer;

namespace AhnSharp.Evaluation;

/// <summary>
/// Lets a model read a chat's text once and asks it for each code; the model's own answers, right or wrong, become part of the chat.
/// </summary>
/// <remarks>Greedy generation, not teacher forcing: this is what a person would see. One call at a time.</remarks>
public sealed class RecallInterview : IDisposable
{
    // "The code of Winifred is 4827." is 14 tokens at most; more is no answer.
    private static readonly GenerationOptions Greedy = new() { MaxTokens = 24 };
    private readonly RecallDialogue _dialogue;
    private readonly RecallFormat _format;
    private readonly Generator _generator;
    private readonly List<RecallAnswer> _answers = [];
    private double _readSeconds, _answerSeconds;
    private long _peakStateBytes;

    /// <summary>Starts with a fresh session of the given options.</summary>
    public RecallInterview(LanguageModel model, QwenTokenizer tokenizer, RecallDialogue dialogue, SessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(dialogue);
        (_dialogue, _format) = (dialogue, new RecallFormat(tokenizer));
        _generator = new Generator(model, tokenizer, model.CreateSession(options));
    }

    /// <summary>Tokens that an interview may come to: the chat, if every answer were as long as it may be.</summary>
    public static int LongestChatTokens(RecallDialogue dialogue)
    {
        ArgumentNullException.ThrowIfNull(dialogue);
        return dialogue.Chat.Length + dialogue.Facts.Length * Greedy.MaxTokens;
    }

    /// <summary>What was found out so far; complete when every question was asked.</summary>
    public RecallInterviewResult Result => new(
        _generator.Session.Mode, [.. _answers], _readSeconds, _answerSeconds, _dialogue.Reading.Length, _peakStateBytes,
        _generator.Session.Tally)
    {
        ArchiveBytes = _generator.Session.ArchiveBytes,
    };

    /// <summary>Reads the text, up to the first question.</summary>
    public async Task ReadAsync(IProgress<ReadingProgress>? progress = null, CancellationToken cancellation = default)
    {
        long started = Stopwatch.GetTimestamp();
        await _generator.ReadAsync(_dialogue.Reading, progress, cancellation).ConfigureAwait(false);
        _readSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        NoteState();
    }

    /// <summary>Asks for the next code, in the order of the chat, and streams the answer.</summary>
    public async IAsyncEnumerable<string> AskNextAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        RecallFact fact = _dialogue.Facts[_answers.Count];
        int[] question = _answers.Count == 0 ? _format.FirstQuestion(fact) : [_format.EndId, .. _format.NextQuestion(fact)];
        var answer = new StringBuilder();
        await foreach (string piece in _generator.GenerateAsync(question, Greedy, cancellationToken: cancellation).ConfigureAwait(false))
        {
            answer.Append(piece);
            yield return piece;
        }
        GenerationStatistics statistics = _generator.Statistics!;
        _answerSeconds += (statistics.PromptTime + statistics.GenerationTime).TotalSeconds;
        _answers.Add(new RecallAnswer(fact, answer.ToString()));
        NoteState();
    }

    /// <summary>Reads, asks everything, and returns the result.</summary>
    public async Task<RecallInterviewResult> RunAsync(CancellationToken cancellation = default)
    {
        await ReadAsync(null, cancellation).ConfigureAwait(false);
        while (_answers.Count < _dialogue.Facts.Length)
        {
            await foreach (string _ in AskNextAsync(cancellation).ConfigureAwait(false))
            {
            }
        }
        return Result;
    }

    /// <inheritdoc/>
    public void Dispose() => _generator.Dispose();

    // State never shrinks within a text, so its size at the ends of the steps is its peak.
    // Of an archive the index lies in memory.
    private void NoteState()
    {
        LanguageSession session = _generator.Session;
        _peakStateBytes = Math.Max(_peakStateBytes, session.StateBytes + session.ArchiveIndexBytes);
    }
}
