using System;
using System.Linq;
using System.Net;
using Microsoft.AspNetCore.Http;

namespace AhnSharp.Server.Security;

/// <summary>Whether a request means this server, and comes from where it may.</summary>
/// <remarks>
/// A page of another site reaches a server on this machine by a name of its own that it lets point here (DNS rebinding): the Host header
/// then says that name, which is none of ours.
/// </remarks>
internal static class HostCheck
{
    private const string Any = "*";

    /// <summary>Whether the Host header says this machine: localhost, an address, or a name that the options know.</summary>
    public static bool IsOurs(HostString host, AhnServerOptions options)
    {
        if (!host.HasValue) return true; // HTTP/1.0; browsers always send one
        string name = host.Host.Trim('[', ']').TrimEnd('.');
        return name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            || IPAddress.TryParse(name, out _)
            || options.Hosts.Any(ours => ours == Any || ours.Equals(name, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Whether a page of this origin may ask: the server's own, or one that the options know.</summary>
    public static bool MayAsk(HttpRequest request, string origin, AhnServerOptions options)
    {
        string own = $"{request.Scheme}://{request.Host.Value}";
        return origin.Equals(own, StringComparison.OrdinalIgnoreCase)
            || options.Origins.Any(known => known == Any || known.TrimEnd('/').Equals(origin, StringComparison.OrdinalIgnoreCase));
    }
}
