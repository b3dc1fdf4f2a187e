namespace AhnSharp.Extensions.AI;

/// <summary>Names of files that came without one: their ends say which reader takes them.</summary>
internal static class FileNames
{
    /// <param name="mediaType">What the file is said to be; null, or anything else: text.</param>
    public static string Of(string? mediaType) => mediaType switch
    {
        "application/pdf" => "file.pdf",
        "application/epub+zip" => "file.epub",
        "text/html" => "file.html",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => "file.docx",
        _ => "file.txt",
    };
}
