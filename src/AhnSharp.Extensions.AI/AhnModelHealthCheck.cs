using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AhnSharp.Extensions.AI;

/// <summary>Healthy where the model is ready, degraded while it waits or loads, unhealthy with the sentence where it failed.</summary>
public sealed class AhnModelHealthCheck(AhnModelHost host) : IHealthCheck
{
    /// <inheritdoc/>
    /// <remarks>Looks at the host's status and loads nothing.</remarks>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        AhnModelStatus status = host.Status;
        HealthStatus health = status.State switch
        {
            AhnModelState.Ready => HealthStatus.Healthy,
            AhnModelState.Waiting or AhnModelState.Loading => HealthStatus.Degraded,
            _ => context.Registration.FailureStatus,
        };
        Dictionary<string, object> data = new() { ["model"] = host.ModelId, ["state"] = status.State.ToString() };
        return Task.FromResult(new HealthCheckResult(health, status.Sentence, status.Failure, data));
    }
}
