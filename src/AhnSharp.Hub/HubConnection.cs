using System;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Threading;
using System.Threading.Tasks;

namespace AhnSharp.Hub;

/// <summary>
/// Requests to the hub and to where it sends us: redirects by hand, so that the token goes to the endpoint's host and nowhere else.
/// </summary>
internal sealed class HubConnection : IDisposable
{
    private const int MaxRedirects = 8;
    private readonly HubSettings _settings;
    private readonly HttpClient _client;

    // Before the first answer a dead line is news; after it, a hiccup.
    private volatile bool _wasAnswered;

    public HubConnection(HubSettings settings)
    {
        _settings = settings;
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            UseProxy = settings.UseProxy,
            ConnectTimeout = settings.StallLimit,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        };
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd($"ahnsharp/{typeof(HubConnection).Assembly.GetName().Version?.ToString(3)}");
        // Sizes, ranges and hashes are those of the file, not of a compressed form of it.
        _client.DefaultRequestHeaders.AcceptEncoding.ParseAdd("identity");
    }

    public void Dispose() => _client.Dispose();

    /// <summary>
    /// GET, with redirects followed; the headers are there, the body is not read yet. Every status but a redirect is an answer.
    /// </summary>
    /// <exception cref="TransientException">The line failed in a way that may pass.</exception>
    /// <exception cref="HubException">It will not pass.</exception>
    public async Task<HubResponse> GetAsync(Uri address, Action<HttpRequestMessage, Uri>? prepare, CancellationToken cancellationToken)
    {
        string? linkedEtag = null, commit = null;
        for (int redirects = 0; ; redirects++)
        {
            HttpResponseMessage response = await SendAsync(address, prepare, cancellationToken);
            if (_settings.IsEndpoint(address))
            {
                linkedEtag ??= HubResponse.Header(response, "X-Linked-ETag");
                commit ??= HubResponse.Header(response, "X-Repo-Commit");
            }
            if (response.StatusCode is not (HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
                or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect))
            {
                return new HubResponse(response, address, linkedEtag, commit);
            }
            using (response)
            {
                if (redirects == MaxRedirects)
                    throw new HubException($"{address.Authority} sends us in circles: more than {MaxRedirects} redirects.");
                address = Redirected(address, response.Headers.Location);
            }
        }
    }

    internal static Uri Redirected(Uri from, Uri? location)
    {
        if (location is null || !Uri.TryCreate(from, location, out Uri? to) || to.Scheme is not ("http" or "https"))
        {
            throw new HubException($"{from.Authority} sends us on without an address that can be used "
                + $"({FilePaths.Shown(location?.OriginalString ?? "none")}).");
        }
        return from.Scheme == "https" && to.Scheme == "http"
            ? throw new HubException($"{from.Authority} sends us from https to plain http ({to.Authority}), which is refused.")
            : to;
    }

    private async Task<HttpResponseMessage> SendAsync(
        Uri address, Action<HttpRequestMessage, Uri>? prepare, CancellationToken cancellationToken)
    {
        if (address.Scheme == "https" && !OpenSsl.IsUsable) throw new HubException(OpenSsl.Missing(address));
        using HttpRequestMessage request = new(HttpMethod.Get, address);
        if (_settings.Token is not null && _settings.IsEndpoint(address))
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _settings.Token);
        prepare?.Invoke(request, address);
        try
        {
            HttpResponseMessage response = await StallGuard.RunAsync(
                _settings.StallLimit, address, token => _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token),
                cancellationToken);
            _wasAnswered = true;
            return response;
        }
        catch (HttpRequestException failure)
        {
            string sentence = Sentence(failure, address);
            bool mayPass = _wasAnswered || failure.HttpRequestError is HttpRequestError.ResponseEnded or HttpRequestError.InvalidResponse
                or HttpRequestError.HttpProtocolError;
            throw mayPass ? new TransientException(sentence, inner: failure) : new HubException(sentence, failure);
        }
        catch (IOException failure)
        {
            throw new TransientException($"the connection to {address.Authority} broke: {failure.Message}", inner: failure);
        }
    }

    private static string Sentence(HttpRequestException failure, Uri address)
    {
        string through = Proxy(address) is { } proxy ? $" through the proxy {proxy}" : "";
        string why = (failure.InnerException ?? failure).Message.TrimEnd('.', '"');
        return failure.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError =>
                $"the name {(through.Length > 0 ? $"of {address.Host}, or of its proxy," : address.Host)} cannot be resolved{through}: "
                + $"no network, no DNS, or a wrong HF_ENDPOINT ({why}).",
            HttpRequestError.ConnectionError =>
                $"no connection to {address.Authority}{through}: {why}; is the network up, and HF_ENDPOINT right?",
            HttpRequestError.SecureConnectionError => $"no secure connection to {address.Authority}{through}: "
                + $"{why}; a proxy that reads TLS needs its certificate in SSL_CERT_FILE.",
            HttpRequestError.ProxyTunnelError => $"no way to {address.Authority}{through}: {why}; see HTTPS_PROXY and NO_PROXY.",
            _ => $"the connection to {address.Authority}{through} broke: {why}.",
        };
    }

    // Without its name and password.
    private static string? Proxy(Uri address) =>
        HttpClient.DefaultProxy.IsBypassed(address) ? null : HttpClient.DefaultProxy.GetProxy(address)?.GetComponents(
            UriComponents.SchemeAndServer, UriFormat.Unescaped);
}
