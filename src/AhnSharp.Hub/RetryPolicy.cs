using System;
using System.Threading;
using System.Threading.Tasks;

namespace AhnSharp.Hub;

/// <summary>How often and after which pauses something that failed for the moment is tried again.</summary>
/// <remarks>
/// The pause doubles with each failure in a row and is drawn from its upper half, so that many that failed
/// together do not come back together.
/// </remarks>
public sealed record RetryPolicy
{
    /// <summary>Failures in a row, without one new byte in between, after which it is given up.</summary>
    public int Attempts { get; init; } = 8;

    /// <summary>The pause after the first failure.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>The longest pause of our own choosing.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest pause that a server may ask for (Retry-After); a longer one ends the work with a sentence.</summary>
    public TimeSpan LongestRetryAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Waits; tests count instead.</summary>
    public Func<TimeSpan, CancellationToken, Task> Wait { get; init; } = Task.Delay;

    /// <summary>Runs <paramref name="work"/> until it succeeds, fails for good, or has failed too often.</summary>
    internal async Task<T> RunAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        for (int failures = 0; ; failures++)
        {
            try
            {
                return await work();
            }
            catch (TransientException failure)
            {
                await PauseAsync(failure, failures + 1, cancellationToken);
            }
        }
    }

    /// <summary>The pause after the <paramref name="failures"/>-th failure in a row, or the exception that ends the work.</summary>
    internal async Task PauseAsync(TransientException failure, int failures, CancellationToken cancellationToken)
    {
        if (failures >= Attempts)
            throw new HubException($"{failure.Message} ({failures} attempts in a row; run the command again to go on from here.)", failure);
        if (failure.RetryAfter > LongestRetryAfter)
        {
            throw new HubException(
                $"{failure.Message} It asks to come back in {failure.RetryAfter.Value.TotalMinutes:N0} minutes.", failure);
        }
        await Wait(failure.RetryAfter ?? Pause(failures), cancellationToken);
    }

    private TimeSpan Pause(int failures)
    {
        TimeSpan full = FirstPause * Math.Pow(2, Math.Min(failures - 1, 20));
        if (full > LongestPause) full = LongestPause;
        return full * (0.5 + (0.5 * Random.Shared.NextDouble()));
    }
}
