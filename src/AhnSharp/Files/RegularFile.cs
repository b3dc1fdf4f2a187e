using System.IO;

namespace AhnSharp.Files;

/// <summary>
/// Reading a small file whole that stands in a folder of somebody else: a pipe under its name would wait for a writer for
/// ever, a device might have no end.
/// </summary>
internal static class RegularFile
{
    /// <summary>The bytes of a file.</summary>
    /// <exception cref="IOException">There is a pipe or a device, or what the system says.</exception>
    public static byte[] ReadAllBytes(string path)
    {
        Require(path);
        return File.ReadAllBytes(path);
    }

    /// <summary>The text of a file, UTF-8 unless a mark says otherwise.</summary>
    /// <exception cref="IOException">There is a pipe or a device, or what the system says.</exception>
    public static string ReadAllText(string path)
    {
        Require(path);
        return File.ReadAllText(path);
    }

    /// <summary>Throws where a name leads to something else than a file with an end.</summary>
    /// <exception cref="IOException">There is a pipe or a device.</exception>
    public static void Require(string path)
    {
        if (FileIdentity.Of(path) is { IsRegular: false }) throw new IOException($"{path}: expected a file, found a pipe or a device.");
    }
}
