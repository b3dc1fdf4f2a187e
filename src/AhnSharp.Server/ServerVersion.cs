using System.Reflection;

namespace AhnSharp.Server;

/// <summary>What this server calls itself.</summary>
internal static class ServerVersion
{
    /// <summary>Its version, as its package has it.</summary>
    public static string Version { get; } =
        typeof(ServerVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
        ?? "0";

    /// <summary>For the field of that name: equal requests with a seed get equal answers while it is the same.</summary>
    public static string Fingerprint { get; } = $"ahnsharp-{Version}";
}
