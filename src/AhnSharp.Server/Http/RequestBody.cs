using System;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Http;

namespace AhnSharp.Server.Http;

/// <summary>Bodies of requests as JSON.</summary>
internal static class RequestBody
{
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 64 };

    /// <summary>The body, whatever its media type says, as curl's default is that of a form.</summary>
    /// <exception cref="JsonException">It is no JSON, or nested more than 64 deep.</exception>
    public static async Task<JsonDocument> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (request.ContentLength == 0)
            throw new ApiException(StatusCodes.Status400BadRequest, "missing_body", "expected a body of JSON, found none.");
        // A page of another origin can send a form without being asked for leave: JSON by that name is refused where an origin stands.
        if (request.Headers.Origin.Count > 0
            && !(request.ContentType ?? "").StartsWith("application/json", StringComparison.OrdinalIgnoreCase))
        {
            throw new ApiException(StatusCodes.Status415UnsupportedMediaType, "unsupported_media_type",
                "Content-Type: expected application/json, as the request comes from a page.");
        }
        return await JsonDocument.ParseAsync(request.Body, s_options, cancellation).ConfigureAwait(false);
    }
}
