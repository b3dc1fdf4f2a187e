using System.Net;
using Microsoft.AspNetCore.Http;

namespace AhnSharp.Server.Security;

/// <summary>Who asks: the holder of a key, or whoever is at an address.</summary>
/// <param name="Name">As the log and the order of turns know it.</param>
/// <param name="MaxAnswers">Requests that may run at the same time; null: as many as all may.</param>
/// <param name="Priority">The higher the earlier.</param>
internal sealed record Client(string Name, int? MaxAnswers, int Priority)
{
    private static readonly object s_item = new();

    public static Client Of(HttpContext context) => context.Items.TryGetValue(s_item, out object? client)
        ? (Client)client! : new Client((context.Connection.RemoteIpAddress ?? IPAddress.None).ToString(), null, 0);

    public static void Set(HttpContext context, Client client) => context.Items[s_item] = client;
}
