// The bucket's layout:
//
//     {tenant_id}/print-files/{file_id}.3mf
//     {tenant_id}/thumbnails/{file_id}.png
//     {tenant_id}/images/{product_id}.jpg
//     {tenant_id}/exports/{export_id}.csv
//     {tenant_id}/cameras/{printer_id}.jpg
//     firmware/{release_id}.bin

/// The name of a tenant's object. It takes a tenant's scope to make one, or a token that we signed.
struct ObjectKey: Equatable {
  enum Kind: UInt8 {
    case printFile = 1
    case thumbnail, image, export
    /// The platform's own.
    case firmware
    /// The latest that the camera of a printer saw.
    case snapshot
  }

  let kind: Kind
  let tenantID: String
  let id: String

  init(_ kind: Kind, id: String, in scope: TenantScope) {
    self.kind = kind
    self.id = id
    tenantID = scope.tenantID
  }

  private static let nobody = "00000000-0000-0000-0000-000000000000"

  /// A firmware image, which belongs to no tenant.
  static func firmware(_ release: String) -> ObjectKey {
    ObjectKey(signed: .firmware, id: release, tenantID: nobody)
  }

  /// Only for `PresignedToken`, which has checked its own signature before.
  init(signed kind: Kind, id: String, tenantID: String) {
    self.kind = kind
    self.id = id
    self.tenantID = tenantID
  }

  /// The whole path within the bucket.
  var path: String {
    switch kind {
    case .printFile: "\(tenantID)/print-files/\(id).3mf"
    case .thumbnail: "\(tenantID)/thumbnails/\(id).png"
    case .image: "\(tenantID)/images/\(id).jpg"
    case .export: "\(tenantID)/exports/\(id).csv"
    case .firmware: "firmware/\(id).bin"
    case .snapshot: "\(tenantID)/cameras/\(id).jpg"
    }
  }

  var contentType: String {
    switch kind {
    case .printFile: "model/3mf"
    case .thumbnail: "image/png"
    case .image, .snapshot: "image/jpeg"
    case .export: "text/csv"
    case .firmware: "application/octet-stream"
    }
  }
}
