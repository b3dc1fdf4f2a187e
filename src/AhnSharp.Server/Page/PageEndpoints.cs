using System;
using System.Collections.Generic;
using System.IO;
using System.Security.Cryptography;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Http;

namespace AhnSharp.Server.Page;

/// <summary>
/// The page at <c>/</c> with its style and its script, and the description of all interfaces, out of this assembly:
/// nothing is fetched from elsewhere.
/// </summary>
internal static class PageEndpoints
{
    // Nothing but what this server sends runs or is shown, and no other page frames it.
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        + "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private static readonly Dictionary<string, (byte[] Bytes, string Tag, string Type)> s_files = new(StringComparer.Ordinal)
    {
        ["/"] = Read("index.html", "text/html; charset=utf-8"),
        ["/page.css"] = Read("page.css", "text/css; charset=utf-8"),
        ["/icon.svg"] = Read("icon.svg", "image/svg+xml"),
        ["/openapi.json"] = Read("openapi.json", "application/json"),
        ["/page.js"] = Read("page.js", "text/javascript; charset=utf-8"),
    };

    /// <summary>Their paths.</summary>
    public static IEnumerable<string> Paths => s_files.Keys;

    public static Task GetAsync(HttpContext context)
    {
        (byte[] bytes, string tag, string type) = s_files[context.Request.Path.Value!];
        HttpResponse response = context.Response;
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers.ETag = tag;
        response.Headers.CacheControl = "no-cache"; // asked again, and answered by the tag
        if (context.Request.Headers.IfNoneMatch == tag)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }
        response.ContentType = type;
        response.ContentLength = bytes.Length;
        return HttpMethods.IsHead(
            context.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }

    private static (byte[] Bytes, string Tag, string Type) Read(string name, string type)
    {
        using Stream stream = typeof(PageEndpoints).Assembly.GetManifestResourceStream(name)!;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return (bytes, $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]}\"", type);
    }
}
