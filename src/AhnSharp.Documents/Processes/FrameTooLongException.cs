using System.IO;

namespace AhnSharp.Documents.Processes;

/// <summary>A frame of more bytes than its receiver allows.</summary>
internal sealed class FrameTooLongException() : IOException("a frame longer than allowed");
