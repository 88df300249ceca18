using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portkey.Portal.Data.Configurations;

internal sealed class RequestSecretConfiguration : IEntityTypeConfiguration<RequestSecret>
{
    public void Configure(EntityTypeBuilder<RequestSecret> builder)
    {
        builder.HasKey(s => new { s.ChangeRequestId, s.Key });
        builder.HasIndex(s => new { s.SecretReferenceId, s.Number }); // which requests bring this version
        builder
            .HasOne<SecretVersion>()
            .WithMany()
            .HasForeignKey(s => new { s.SecretReferenceId, s.Number })
            .OnDelete(DeleteBehavior.Restrict);
        builder.Property(s => s.Address).HasMaxLength(500).HasDefaultValue("");
    }
}

internal sealed class RevisionSecretConfiguration : IEntityTypeConfiguration<RevisionSecret>
{
    public void Configure(EntityTypeBuilder<RevisionSecret> builder)
    {
        builder.HasKey(s => new { s.RevisionId, s.Key });
        builder.HasIndex(s => new { s.SecretReferenceId, s.Number }); // which revisions use this version
        builder
            .HasOne<SecretVersion>()
            .WithMany()
            .HasForeignKey(s => new { s.SecretReferenceId, s.Number })
            .OnDelete(DeleteBehavior.Restrict);
        builder.Property(s => s.Address).HasMaxLength(500).HasDefaultValue("");
    }
}

internal sealed class ImportSecretConfiguration : IEntityTypeConfiguration<ImportSecret>
{
    public void Configure(EntityTypeBuilder<ImportSecret> builder)
    {
        builder.HasKey(s => new { s.ImportId, s.Key });
        builder.Property(s => s.Address).HasMaxLength(500).HasDefaultValue("");
    }
}
