using System;

namespace AhnSharp.Gpu.Devices;

/// <summary>A device that was asked for is not there, or cannot do what was asked; the sentence says what was found.</summary>
public sealed class GpuException : Exception
{
    /// <summary>Without a sentence.</summary>
    public GpuException()
    {
    }

    /// <summary>With the sentence.</summary>
    public GpuException(string message) : base(message)
    {
    }

    /// <summary>With the sentence and what lies behind it.</summary>
    public GpuException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
