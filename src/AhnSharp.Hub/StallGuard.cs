using System;
using System.Threading;
using System.Threading.Tasks;

namespace AhnSharp.Hub;

/// <summary>Ends what brings nothing for too long.</summary>
internal static class StallGuard
{
    /// <summary>The result of <paramref name="work"/>, or the exception that says that it stalled.</summary>
    public static async Task<T> RunAsync<T>(
        TimeSpan limit, Uri address, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using CancellationTokenSource stalled = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stalled.CancelAfter(limit);
        try
        {
            return await work(stalled.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TransientException($"{address.Authority} sent nothing for {limit.TotalSeconds:0.#} s.");
        }
    }
}
