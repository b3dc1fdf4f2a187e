using System;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Server.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AhnSharp.Server.Models;

/// <summary>The model that a request asks for, and its turn on it: of requests that are no answers.</summary>
internal static class RequestModels
{
    /// <inheritdoc cref="ModelRegistry.AcquireAsync"/>
    public static Task<ModelLease> AcquireAsync(HttpContext context, string? name, CancellationToken cancellation) =>
        context.RequestServices.GetRequiredService<ModelRegistry>().AcquireAsync(name, cancellation);

    /// <summary>Waits for the client's turn; it ends when what is returned is disposed.</summary>
    public static Task<IDisposable> TurnAsync(HttpContext context, ModelLease lease, CancellationToken cancellation)
    {
        Client client = Client.Of(context);
        return lease.Admission.EnterAsync(client.Name, client.MaxAnswers, client.Priority, cancellation);
    }
}
