using System;
using System.Net;
using System.Net.Http;

namespace AhnSharp.Hub;

/// <summary>What was asked of the hub, as far as sentences about a refusal need it.</summary>
/// <param name="Repo">The repository.</param>
/// <param name="Revision">Its branch, tag or commit.</param>
/// <param name="File">A file of it, or null.</param>
internal sealed record HubQuestion(RepoName Repo, string Revision, string? File = null)
{
    public string Subject => File is null ? Repo.Name : $"{FilePaths.Shown(File)} of {Repo}";
}

/// <summary>Turns an answer that is no success into the exception that says what to do about it.</summary>
/// <remarks>
/// Headers X-Error-Code and X-Error-Message, and 401 for a repository that does not exist: huggingface_hub ee0a4510, utils/_http.py.
/// </remarks>
internal static class HubRefusal
{
    /// <summary>The exception for a status; <see cref="TransientException"/> where it may be gone at the next try.</summary>
    public static HubException Of(HttpResponseMessage response, Uri address, HubQuestion question, HubSettings settings)
    {
        int status = (int)response.StatusCode;
        string host = address.Authority, said = Said(response);
        if (status is 408 or 429 or >= 500)
        {
            return new TransientException(
                $"{host} answered {status}{(status == 429 ? " (too many requests)" : "")}{said}.", RetryAfter(response));
        }
        if (response.StatusCode == HttpStatusCode.ProxyAuthenticationRequired)
        {
            return new HubException(
                "the proxy asks for a name and a password: write them into HTTPS_PROXY (or HTTP_PROXY) as http://NAME:PASSWORD@HOST:PORT.");
        }
        // Addresses of other hosts are signed for a while: the endpoint gives a fresh one.
        if (!settings.IsEndpoint(address))
            return new TransientException($"{host}, where the hub sent us for {question.Subject}, answered {status}{said}.");
        string code = HubResponse.Header(response, "X-Error-Code") ?? "";
        string page = new Uri(settings.Endpoint, question.Repo.Name).ToString();
        if (code == "GatedRepo")
        {
            return new HubException(settings.Token is null
                ? $"{question.Repo} is gated: accept its terms at {page}, and put a token of your account into HF_TOKEN."
                : $"{question.Repo} is gated, and the token of {settings.TokenSource} has no access: accept its terms at {page} with "
                    + "that account.");
        }
        if (code == "RevisionNotFound")
            return new HubException($"{question.Repo} has no branch, tag or commit '{question.Revision}'; see {page}.");
        if (code == "EntryNotFound" && question.File is not null)
            return new HubException($"{question.Subject} is not there at '{question.Revision}'{said}.");
        return status switch
        {
            // What the hub says of a repository that is not there, or that this account may not see: the token itself is good.
            401 when code == "RepoNotFound" && settings.Token is not null => new RepoNotFoundException(
                $"{host} has no model {question.Repo}, or it is private and the token of {settings.TokenSource} may not see it."),
            401 when settings.Token is null => new RepoNotFoundException(
                $"{host} has no public model {question.Repo}; if it is private or gated, put a token into HF_TOKEN."),
            401 => new HubException($"{host} does not take the token of {settings.TokenSource} (401){said}; "
                + $"make another at {new Uri(settings.Endpoint, "settings/tokens")}."),
            403 when settings.Token is null => new HubException(
                $"{host} does not allow access to {question.Subject} (403){said}; put a token into HF_TOKEN."),
            403 => new HubException($"{host} does not allow access to {question.Subject} (403){said}; "
                + $"the token of {settings.TokenSource} needs the right to read it."),
            404 => new RepoNotFoundException($"{host} has no model {question.Repo}"
                + (settings.Token is null ? ", or it is private and needs a token in HF_TOKEN" : "")
                + (settings.Endpoint == HubSettings.DefaultEndpoint ? "." : "; is HF_ENDPOINT right?")),
            _ => new HubException($"{host} answered {status} to a question for {question.Subject}{said}; is HF_ENDPOINT right?"),
        };
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        if (response.Headers.RetryAfter is not { } header) return null;
        TimeSpan? asked = header.Delta ?? header.Date - DateTimeOffset.UtcNow;
        return asked < TimeSpan.Zero ? TimeSpan.Zero : asked;
    }

    private static string Said(HttpResponseMessage response)
    {
        string? message = HubResponse.Header(response, "X-Error-Message");
        return string.IsNullOrWhiteSpace(message) ? "" : $": {FilePaths.Shown(message.Trim().TrimEnd('.'))}";
    }
}
