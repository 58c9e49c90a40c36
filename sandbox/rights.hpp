// What root's launcher and its keeper keep of root's rights (capabilities(7)).
#pragma once

namespace singularity::sandbox {

// In the keeper: what launchers need from their beginning on. Throws SandboxError.
void keep_rights_to_begin();

// In a launcher that has its folder: to mount, to give folders away, to become a slot's user and to end what
// runs as one, and to have boxes end first where memory runs out. Throws SandboxError.
void keep_rights_to_make_boxes();

}  // namespace singularity::sandbox
