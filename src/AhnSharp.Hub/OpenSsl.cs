using System;
using System.Linq;
using System.Runtime.InteropServices;

namespace AhnSharp.Hub;

/// <summary>Whether the platform's own cryptography may be called.</summary>
/// <remarks>
/// On Linux .NET takes TLS and hashes from OpenSSL, and where it finds none it does not throw: it aborts the process. So the libraries that
/// it would look for are looked for first. The names are those in libSystem.Security.Cryptography.Native.OpenSsl of .NET 10.
/// </remarks>
internal static class OpenSsl
{
    private const string Soname = "libssl.so.";
    private static readonly string[] s_versions = ["3", "1.1", "1.0.2", "1.0.0", "10"];
    private static readonly Lazy<bool> s_isThere = new(Find);

    /// <summary>True where TLS and the platform's hashes work.</summary>
    public static bool IsUsable => s_isThere.Value;

    /// <summary>The sentence for a machine without it.</summary>
    public static string Missing(Uri address) =>
        $"{address.Host} is reached by https, which needs OpenSSL ({Soname}3 or "
        + $"{Soname}1.1), and this machine has none: install its package (libssl3, openssl), or name a mirror by http in HF_ENDPOINT.";

    private static bool Find()
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsFreeBSD()) return true;
        string? wanted = Environment.GetEnvironmentVariable("DOTNET_OPENSSL_VERSION_OVERRIDE")
            ?? Environment.GetEnvironmentVariable("CLR_OPENSSL_VERSION_OVERRIDE");
        string[] versions = wanted is { Length: > 0 } ? [wanted, .. s_versions] : s_versions;
        // Left open: .NET opens the same one.
        return versions.Any(version => NativeLibrary.TryLoad(Soname + version, out _));
    }
}
