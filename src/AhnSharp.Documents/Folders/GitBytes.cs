using System.IO;
using System.Text;

namespace AhnSharp.Documents.Folders;

/// <summary>Paths as git compares them: byte by byte, so that ? stands for one byte of a letter that has two.</summary>
internal static class GitBytes
{
    /// <summary>The UTF-8 bytes of a path, a character each, with forward slashes.</summary>
    public static string Of(string path)
    {
        string slashes = Path.DirectorySeparatorChar == '/' ? path : path.Replace(Path.DirectorySeparatorChar, '/');
        return Ascii.IsValid(slashes) ? slashes : Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(slashes));
    }
}
