using System;
using System.IO;
using AhnSharp.Hub;

namespace AhnSharp.Cli.Commands;

/// <summary>The folder of fetched models, as <c>ahn doctor</c> reports it.</summary>
/// <param name="Folder">Null where the environment names none that can be meant.</param>
/// <param name="FreeBytes">Of its disk; null where the system does not say.</param>
/// <param name="Problem">What is wrong with the environment's settings, or null.</param>
internal sealed record CacheFolder(string? Folder, long? FreeBytes, string? Problem)
{
    internal static CacheFolder Find()
    {
        HubSettings settings;
        try
        {
            settings = HubSettings.FromEnvironment();
        }
        catch (HubException e)
        {
            return new CacheFolder(null, null, e.Message);
        }
        try
        {
            return new CacheFolder(settings.CacheFolder, settings.FreeBytes(settings.CacheFolder), null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return new CacheFolder(settings.CacheFolder, null, null);
        }
    }
}
