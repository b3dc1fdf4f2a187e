using System;
using System.Linq;
using System.Net.Http;

namespace AhnSharp.Hub;

/// <summary>The last answer of a chain of redirects, and what the endpoint said of the file on the way there.</summary>
/// <param name="Message">The answer; its body is not read yet.</param>
/// <param name="Address">The address that gave it.</param>
/// <param name="LinkedEtag">X-Linked-ETag of the endpoint's own answers: the hash of a file that lies elsewhere; quotes included.</param>
/// <param name="Commit">X-Repo-Commit of the endpoint's own answers.</param>
internal sealed record HubResponse(HttpResponseMessage Message, Uri Address, string? LinkedEtag, string? Commit) : IDisposable
{
    public void Dispose() => Message.Dispose();

    public static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    /// <summary>An ETag without its quotes and without the mark of a weak one.</summary>
    public static string? Plain(string? etag) =>
        etag is null ? null : (etag.StartsWith("W/", StringComparison.Ordinal) ? etag[2..] : etag).Trim('"');
}
