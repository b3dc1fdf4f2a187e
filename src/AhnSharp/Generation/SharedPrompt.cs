using System;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Sessions;

namespace AhnSharp.Generation;

/// <summary>One prompt that several answers begin behind: whoever comes first reads it, and each goes on from a fork.</summary>
internal sealed class SharedPrompt(
    TextEngine engine, CompletionPrompt prompt, CompletionOptions options, IProgress<ReadingProgress>? progress) : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private Task<int[]>? _ids;
    private Task<LanguageSession>? _session;
    private int _readTokens; // until an answer has counted them

    /// <summary>Its ids.</summary>
    public Task<int[]> IdsAsync
    {
        get
        {
            lock (_gate) return _ids ??= Task.Run(() => prompt.Encode(options), _end.Token);
        }
    }

    /// <summary>A session behind the whole prompt, the caller's own; and how many tokens were read for it, told once.</summary>
    public async Task<(LanguageSession Session, int Read)> ForkAsync(CancellationToken cancellation)
    {
        Task<LanguageSession> session;
        lock (_gate) session = _session ??= ReadAsync();
        // Who leaves does not end the reading for the others: that does the end of all of them.
        LanguageSession read = await session.WaitAsync(cancellation).ConfigureAwait(false);
        return (read.Fork(), Interlocked.Exchange(ref _readTokens, 0));
    }

    public void Dispose()
    {
        _end.Cancel();
        lock (_gate)
        {
            _session?.ContinueWith(
                static read =>
                {
                    if (read.IsCompletedSuccessfully) read.Result.Dispose();
                },
                CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
        _end.Dispose();
    }

    private async Task<LanguageSession> ReadAsync()
    {
        int[] ids = await IdsAsync.ConfigureAwait(false);
        LanguageSession session = prompt.Open(ids, options.ReusesPrefix ? engine.Cache : null, options);
        try
        {
            Sequence sequence = new(session, []) { Cuts = engine.CutsOf(ids) };
            sequence.AppendPrompt(ids.AsSpan((int)session.Position));
            _readTokens = sequence.WaitingCount;
            await foreach (AnswerPiece _ in engine.RunAsync(sequence, null, progress, _end.Token).ConfigureAwait(false))
            {
            }
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }
}
