namespace AhnSharp.Native.Boundary;

/// <summary>ahn_status, as ahnsharp.h documents it.</summary>
internal enum Status
{
    Ok = 0,
    InvalidArgument = 1,
    InvalidHandle = 2,
    Busy = 3,
    FileError = 4,
    InvalidModel = 5,
    SnapshotRefused = 6,
    ContextOverflow = 7,
    Cancelled = 8,
    BufferTooSmall = 9,
    OutOfMemory = 10,
    Unsupported = 11,
    Internal = 12,
}
