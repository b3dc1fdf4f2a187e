using AhnSharp.Server.Http;
using AhnSharp.Server.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AhnSharp.Server;

/// <summary>Endpoints, each behind the gate.</summary>
internal sealed class Routes(IEndpointRouteBuilder app, AhnServerOptions options)
{
    /// <summary>An endpoint that is read.</summary>
    public void Get(string pattern, RequestDelegate handler, bool isOpen = false) =>
        app.MapMethods(pattern, [HttpMethods.Get, HttpMethods.Head], Gate.Around(options, pattern, handler, isOpen));

    /// <summary>An endpoint that is given a body.</summary>
    public void Post(string pattern, RequestDelegate handler, bool takesUploads = false) =>
        app.MapPost(pattern, Gate.Around(options, pattern, handler, takesUploads: takesUploads));

    /// <summary>An endpoint that removes.</summary>
    public void Delete(string pattern, RequestDelegate handler) => app.MapDelete(pattern, Gate.Around(options, pattern, handler));

    /// <summary>What there is not, in the shape of the interface that was asked.</summary>
    public void Fallback()
    {
        app.MapMethods("/{**path}", [HttpMethods.Options], context => Gate.PreflightAsync(context, options));
        app.MapFallback(Gate.Around(options, "other", static context => throw ApiException.NotFound(
            "unknown_url", $"There is no {context.Request.Method} {context.Request.Path} here."), isOpen: true));
    }
}
