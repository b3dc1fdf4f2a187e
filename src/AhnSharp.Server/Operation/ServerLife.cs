using System;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Server.Http;
using AhnSharp.Server.Models;
using Microsoft.Extensions.Hosting;

namespace AhnSharp.Server.Operation;

/// <summary>Loads the default model beside the start, and says when the server begins to end.</summary>
internal sealed class ServerLife(AhnServerOptions options, ModelRegistry models, ServerState state, IHostApplicationLifetime lifetime)
    : BackgroundService
{
    // What is left of the time to end is for telling them.
    private static readonly TimeSpan s_streams = ServerHost.ShutdownTime - TimeSpan.FromSeconds(3);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        lifetime.ApplicationStopping.Register(() => state.Stop(s_streams)); // for as long as the application lives
        if (options.LoadAtStart)
        {
#pragma warning disable CA1031 // It stands in the log; the server lives, says so at /ready, and may serve other models.
            try
            {
                while (!await LoadAsync(stoppingToken).ConfigureAwait(false))
                {
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception)
            {
                state.LoadFailure = "The default model could not be loaded; the log says why.";
            }
#pragma warning restore CA1031
        }
        state.IsReady = true;
    }

    // False where it takes longer than a request would wait.
    private async Task<bool> LoadAsync(CancellationToken cancellation)
    {
        try
        {
            using ModelLease lease = await models.AcquireAsync(null, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (ApiException loading) when (loading.Code == ModelRegistry.LoadingCode)
        {
            return false;
        }
    }
}
