using System;
using System.Runtime.InteropServices;

namespace AhnSharp.Files;

/// <summary>A second name for a file, so that what is only ever appended to need not be copied.</summary>
internal static partial class HardLink
{
    /// <summary>Gives a file a second name, in the same folder or elsewhere on its disk.</summary>
    /// <returns>False where that cannot be: the name is taken, or the file system knows no links.</returns>
    public static bool TryCreate(string existing, string name)
    {
        try
        {
            return OperatingSystem.IsWindows() ? CreateHardLink(name, existing, 0) != 0 : Link(existing, name) == 0;
        }
        catch (Exception error) when (error is EntryPointNotFoundException or DllNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string name);

    [LibraryImport("kernel32", EntryPoint = "CreateHardLinkW", StringMarshalling = StringMarshalling.Utf16)]
    private static partial int CreateHardLink(string name, string existing, nint securityAttributes);
}
