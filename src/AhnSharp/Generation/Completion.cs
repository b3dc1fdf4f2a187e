using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Sessions;
using AhnSharp.Tokenizer;

namespace AhnSharp.Generation;

/// <summary>
/// The answer to a whole conversation, for programs that are given one anew with every request, as a chat server is;
/// its pieces are enumerated once.
/// </summary>
/// <remarks>
/// Made by <see cref="TextModel.Complete"/>. With a cache, only what no kept session has read is read, and on the way sessions are kept
/// for the requests to come: before the last turns, where the answer ends, and in a long reading every 4,096 tokens.
/// <para>The text is cut into passes by its ids alone, so logits are to the bit those of an answer without a cache, but behind an
/// earlier answer that is reused as it was generated, token by token: there they are equal within rounding, as with any other cut.</para>
/// </remarks>
public sealed class Completion : IAsyncEnumerable<string>
{
    private readonly TextModel _model;
    private readonly IReadOnlyList<ChatMessage> _messages;
    private readonly PrefixCache? _cache;
    private readonly CompletionOptions _options;
    private readonly IProgress<ReadingProgress>? _progress;
    private Func<GenerationStatistics?>? _statistics;
    private int _started;

    internal Completion(TextModel model, IReadOnlyList<ChatMessage> messages, PrefixCache? cache, CompletionOptions options,
        IProgress<ReadingProgress>? progress)
    {
        (_model, _messages, _cache, _options, _progress) = (model, messages, cache, options, progress);
    }

    /// <summary>
    /// What the answer took, <see cref="GenerationStatistics.ReusedTokens"/> among it; null before its first piece was asked for.
    /// </summary>
    public GenerationStatistics? Statistics => _statistics?.Invoke();

    /// <summary>Starts the answer. It ends, and its session is freed, when the enumerator is disposed.</summary>
    /// <exception cref="InvalidOperationException">It was enumerated before.</exception>
    public IAsyncEnumerator<string> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _started, 1) != 0)
            throw new InvalidOperationException("Expected an answer that is enumerated once, found a second enumeration: make another.");
        return RunAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
    }

    /// <summary>The whole answer.</summary>
    public async Task<string> TextAsync(CancellationToken cancellationToken = default)
    {
        StringBuilder text = new();
        await foreach (string piece in this.WithCancellation(cancellationToken).ConfigureAwait(false)) text.Append(piece);
        return text.ToString();
    }

    private async IAsyncEnumerable<string> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int[] prompt = await Task.Run(() => _model.Template!.WithThinking(_options.Thinking)
            .Encode(_model.Tokenizer, _messages, _options.Tools), cancellationToken).ConfigureAwait(false);
        LanguageSession session = _cache?.Take(prompt, _options.Session) ?? _model.Model.CreateSession(_options.Session);
        using Generator generator = new(_model.Model, _model.Tokenizer, session)
        {
            Cuts = new PromptCuts(prompt, _model.Tokenizer, _model.Model.ChunkTokens, _cache),
        };
        _statistics = () => generator.Statistics;
        bool isWhole = false;
        try
        {
            await foreach (string piece in generator.GenerateAsync(
                prompt.AsMemory((int)session.Position), _options.Generation, _progress, cancellationToken).ConfigureAwait(false))
                yield return piece;
            isWhole = true;
        }
        finally
        {
            // Also where somebody stopped it: who asks again goes on from there.
            _cache?.Add(session, passing: !isWhole);
        }
    }
}
