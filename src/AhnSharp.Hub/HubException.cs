using System;

namespace AhnSharp.Hub;

/// <summary>Something that the hub, the network or the cache refused; the message is one sentence for the person who asked.</summary>
public class HubException : Exception
{
    /// <summary>Creates the exception with its sentence.</summary>
    public HubException(string message) : base(message)
    {
    }

    /// <summary>Creates the exception with its sentence and what led to it.</summary>
    public HubException(string message, Exception inner) : base(message, inner)
    {
    }
}
