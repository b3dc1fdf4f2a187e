using System;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Extensions.Hosting;

namespace AhnSharp.Extensions.AI;

/// <summary>Loads a model beside the start of the application, where its options say so; the application does not wait for it.</summary>
internal sealed class AhnModelStartup(AhnModelHost host) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _loading = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (host.Options.LoadAtStart) _loading = host.LoadAsync(_stopping.Token);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        // A failure is the host's: it has logged it, and tells whoever asks for the model.
        await _loading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stopping.Dispose();
}
