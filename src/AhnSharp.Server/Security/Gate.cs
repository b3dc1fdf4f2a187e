using System;
using System.Threading.Tasks;
using AhnSharp.Server.Http;
using AhnSharp.Server.Metrics;
using AhnSharp.Server.Operation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace AhnSharp.Server.Security;

/// <summary>What stands before every endpoint: the host, the origin, the key, the size of the body; and what failures become.</summary>
internal static class Gate
{
    // As nginx counts them.
    private const int LeftStatus = 499;

    /// <summary>An endpoint behind the gate.</summary>
    /// <param name="options">Who may ask.</param>
    /// <param name="pattern">Its path, as requests are counted by it.</param>
    /// <param name="next">The endpoint.</param>
    /// <param name="isOpen">Whether it needs no key, as a check of health and the page itself.</param>
    /// <param name="takesUploads">Whether its body may be as long as a document.</param>
    public static RequestDelegate Around(
        AhnServerOptions options, string pattern, RequestDelegate next, bool isOpen = false, bool takesUploads = false) =>
        async context =>
        {
            bool hasLeft = false;
#pragma warning disable CA1031 // The one place where failures of requests end: each becomes a sentence and a status.
            try
            {
                Check(context, options, isOpen);
                ObjectDisposedException.ThrowIf(
                    !isOpen && context.RequestServices.GetRequiredService<ServerState>().IsStopping, typeof(ServerHost));
                if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
                    size.MaxRequestBodySize = takesUploads ? options.MaxUploadBytes : options.MaxBodyBytes;
                await next(context).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
            {
                hasLeft = true; // whoever asked
            }
            catch (Exception failure)
            {
                ApiException told = ApiErrors.ToldOf(context, failure);
                if (context.Response.HasStarted) context.Abort(); // a body that ends in the middle must not look whole
                else await ApiErrors.WriteAsync(context, told).ConfigureAwait(false);
            }
#pragma warning restore CA1031
            context.RequestServices.GetRequiredService<ServerMetrics>().Requested(
                pattern, hasLeft ? LeftStatus : context.Response.StatusCode);
        };

    /// <summary>Answers what a browser asks before it lets a page of another origin ask.</summary>
    public static Task PreflightAsync(HttpContext context, AhnServerOptions options)
    {
        string origin = context.Request.Headers.Origin.ToString();
        if (!HostCheck.IsOurs(context.Request.Host, options) || origin.Length == 0 || !HostCheck.MayAsk(context.Request, origin, options))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        }
        AllowOrigin(context, origin);
        context.Response.Headers.AccessControlAllowMethods = "GET, POST, DELETE";
        context.Response.Headers.AccessControlAllowHeaders =
            context.Request.Headers.AccessControlRequestHeaders.ToString() is { Length: > 0 } asked ? asked : "authorization, content-type";
        context.Response.Headers.AccessControlMaxAge = "600";
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private static void Check(HttpContext context, AhnServerOptions options, bool isOpen)
    {
        HttpRequest request = context.Request;
        if (!HostCheck.IsOurs(request.Host, options))
        {
            throw new ApiException(StatusCodes.Status403Forbidden, "host_not_allowed",
                $"Host: expected localhost, an address, or a name that the server was given, found '{request.Host.Host}'.");
        }
        string origin = request.Headers.Origin.ToString();
        if (origin.Length > 0)
        {
            if (!HostCheck.MayAsk(request, origin, options))
            {
                throw new ApiException(StatusCodes.Status403Forbidden, "origin_not_allowed",
                    $"Origin: expected this server's own page, or an origin that it was given, found '{origin}'.");
            }
            AllowOrigin(context, origin);
        }
        if (options.Keys.Count == 0) return;
        if (KeyCheck.Of(request, options) is { } key) Client.Set(context, new Client(key.Name, key.MaxAnswers, key.Priority));
        else if (!isOpen)
        {
            throw new ApiException(StatusCodes.Status401Unauthorized, "invalid_api_key",
                "Expected a key of this server as 'Authorization: Bearer …' or 'x-api-key', found none that it knows.");
        }
    }

    private static void AllowOrigin(HttpContext context, string origin)
    {
        context.Response.Headers.AccessControlAllowOrigin = origin;
        context.Response.Headers.Vary = "Origin";
    }
}
