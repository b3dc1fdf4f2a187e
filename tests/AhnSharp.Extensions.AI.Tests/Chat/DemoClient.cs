using System;
using System.Threading.Tasks;
using Microsoft.Extensions.AI;

namespace AhnSharp.Extensions.AI.Tests.Chat;

/// <summary>A chat client over the demo model, loaded once for the tests of a class.</summary>
public sealed class DemoClient : IAsyncDisposable
{
    public AhnModelHost Host { get; } = new(new AhnSharpOptions { ModelPath = DemoText.ModelPath, ModelId = "demo" });

    public AhnChatClient Client => field ??= new AhnChatClient(Host);

    public static ChatOptions Brief => new() { MaxOutputTokens = 16 };

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Host.DisposeAsync();
    }
}
