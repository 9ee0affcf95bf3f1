/* SPDX-License-Identifier: Apache-2.0 */
/* draft7.h - JSON Schema, draft 7: is a value a schema? */
#ifndef TRAINER_DRAFT7_H
#define TRAINER_DRAFT7_H

#include <turnlint/json.h>

/* By the meta-schema, formats ("regex", "uri") left unchecked, as jsonschema's
 * check_schema() does. */
bool tl_draft7_is_schema(const struct tl_json *v);

#endif
