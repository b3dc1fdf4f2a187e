using System;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace AhnSharp.Server.Http;

/// <summary>Server-sent events, with a comment now and then while there is nothing to say, so that nobody on the way hangs up.</summary>
internal sealed class EventStream : IAsyncDisposable
{
    private static readonly byte[] s_comment = ": still here\n\n"u8.ToArray();
    private readonly HttpResponse _response;
    private readonly CancellationToken _cancellation;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly Timer _timer;
    private bool _wrote, _ended;

    public EventStream(HttpContext context)
    {
        _response = context.Response;
        _cancellation = context.RequestAborted;
        _response.ContentType = "text/event-stream; charset=utf-8";
        _response.Headers.CacheControl = "no-cache";
        _response.Headers["X-Accel-Buffering"] = "no"; // nginx would hold the events back
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        TimeSpan silence = context.RequestServices.GetRequiredService<AhnServerOptions>().StreamSilence;
        _timer = new Timer(_ => _ = KeepAliveAsync(), null, silence, silence);
    }

    /// <summary>Sends the head now, before there is anything to say.</summary>
    public Task StartAsync() => _response.StartAsync(_cancellation);

    /// <summary>One event.</summary>
    /// <param name="write">Its data.</param>
    /// <param name="name">Its name; null: none.</param>
    public Task SendAsync(Action<Utf8JsonWriter> write, string? name = null) => SendAsync(JsonReply.BytesOf(write), name);

    /// <summary>One event whose data is a text without line ends.</summary>
    public Task SendAsync(string data) => SendAsync(Encoding.UTF8.GetBytes(data));

    /// <summary>One event whose data is JSON already.</summary>
    public async Task SendAsync(byte[] data, string? name = null)
    {
        byte[] head = Encoding.UTF8.GetBytes(name is null ? "data: " : $"event: {name}\ndata: ");
        byte[] whole = [.. head, .. data, (byte)'\n', (byte)'\n'];
        await _writing.WaitAsync(_cancellation).ConfigureAwait(false);
        try
        {
            _wrote = true;
            await _response.Body.WriteAsync(whole, _cancellation).ConfigureAwait(false);
            await _response.Body.FlushAsync(_cancellation).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _writing.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        _ended = true;
        _writing.Release();
    }

    private async Task KeepAliveAsync()
    {
        if (!_writing.Wait(0, CancellationToken.None)) return;
        try
        {
            if (!_wrote && !_ended)
            {
                await _response.Body.WriteAsync(s_comment, _cancellation).ConfigureAwait(false);
                await _response.Body.FlushAsync(_cancellation).ConfigureAwait(false);
            }
            _wrote = false;
        }
#pragma warning disable CA1031 // Whoever has left is noticed by the answer itself.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
        finally
        {
            _writing.Release();
        }
    }
}
