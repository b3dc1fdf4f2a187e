using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace AhnSharp.Server;

/// <summary>Where a server listens.</summary>
/// <param name="Port">The port; 0 with an address: any that is free.</param>
/// <param name="Address">The address; null: both loopback addresses of this machine.</param>
/// <param name="Certificate">For https; null: http.</param>
/// <param name="MaxConnections">Open connections; further ones are closed at once.</param>
public sealed record ServerListening(
    int Port, IPAddress? Address = null, X509Certificate2? Certificate = null, int MaxConnections = 10_000);
